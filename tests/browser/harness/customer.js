// A customer of a web chat as a program, for specs that look at the agent's side.
import { once } from "node:events";

import { io } from "socket.io-client";

import { until, webchat, world } from "./world.js";

/** A new visitor of a web chat of its own. Ends with the test. */
export async function customer(t, { name = "Almaz" } = {}) {
  const { key } = await webchat();
  const answer = await fetch(`${world.hub.url}/v1/public/chat/${key}/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const { data } = await answer.json();
  const socket = io(`${world.hub.url}/customers`, { auth: { token: data.token }, transports: ["websocket"], forceNew: true });
  t.after(() => socket.disconnect());
  const heard = [];
  socket.on("conversation:message", (message) => heard.push(message));
  await once(socket, "hello");
  const ask = async (command, payload) => {
    const told = await socket.timeout(15_000).emitWithAck(command, payload);
    if (!told.ok) throw new Error(`${command}: ${JSON.stringify(told.error)}`);
    return told.data;
  };
  await ask("visitor:identify", { name });
  return {
    name,
    heard,
    ask,
    /** Resolves with the conversation's id. */
    say: async (content) =>
      (await ask("message:send", { client_message_id: crypto.randomUUID(), content })).conversation.id,
    hears: (content) => until(() => heard.find((message) => message.content.includes(content)), `the customer hears ${content}`),
  };
}
