// The stock client, with what every client of the contract does: remember the last number of each log.
import { io } from "socket.io-client";
import assert from "node:assert/strict";

export const hub = process.env.HUB_URL;
const patience = 60_000;

/** Everything that the hub has said to any client: `{namespace, name, payload, meta}` of events, `{answer}` of commands. */
export const said = [];

export function connect(namespace, auth, transport) {
  const socket = io(hub + namespace, {
    transports: [transport], forceNew: true, auth: (give) => give(auth()), reconnectionDelay: 50,
  });
  const events = [];
  const last = {};
  const waiting = new Set();
  socket.onAny((name, payload, meta) => {
    if (meta?.log) {
      assert.ok(meta.seq > (last[meta.log] ?? 0), `${meta.log}: ${name} ${meta.seq} after ${last[meta.log]}`);
      last[meta.log] = meta.seq;
    }
    events.push({ name, payload, meta });
    said.push({ namespace, name, payload, meta });
    for (const look of [...waiting]) look();
  });
  const wait = (name, fits = () => true) =>
    new Promise((found, failed) => {
      const late = setTimeout(
        () => failed(new Error(`${name} did not come: ${events.map((event) => event.name)}`)),
        patience,
      );
      const look = () => {
        const event = events.find((event) => event.name === name && fits(event.payload));
        if (!event) return;
        clearTimeout(late);
        waiting.delete(look);
        found(event);
      };
      waiting.add(look);
      look();
    });
  const command = async (name, payload) => {
    const answer = await socket.timeout(patience).emitWithAck(name, payload);
    said.push({ namespace, name, answer });
    return answer;
  };
  const done = async (name, payload) => {
    const answer = await command(name, payload);
    assert.equal(answer.ok, true, `${name}: ${JSON.stringify(answer)}`);
    return answer.data;
  };
  const refused = (socket) =>
    new Promise((told) => socket.on("connect_error", (error) => told(error.message)));
  return { socket, events, last, wait, command, done, refused: () => refused(socket), close: () => socket.close() };
}

export async function post(path, body, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(hub + path, { method: "POST", headers, body: JSON.stringify(body) });
  const said = await answer.json();
  assert.equal(said.success, true, `${path}: ${JSON.stringify(said)}`);
  return said.data;
}
