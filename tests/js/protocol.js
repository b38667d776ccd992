// What the cases of the two protocols share: a client that speaks them packet by packet.
import assert from "node:assert/strict";
import WebSocket from "ws";

// the official times, or so many times them, for a machine that has other work beside
const SLOWER = Number(process.env.CONFORMANCE_SLOWER ?? 1);
export const PING_INTERVAL = 300 * SLOWER;
export const PING_TIMEOUT = 200 * SLOWER;
const MAX_PAYLOAD = 1_000_000;
const origin = process.env.CONFORMANCE_URL ?? "http://127.0.0.1:3000";

export const after = (ms) => new Promise((done) => setTimeout(done, ms));

/** Where one protocol is spoken: requests to `path`, with `EIO=4` unless the query says otherwise. */
export class Server {
  constructor(path) {
    this.path = path;
  }

  query(more) {
    return new URLSearchParams(Object.entries({ EIO: "4", ...more }).filter(([, value]) => value !== undefined));
  }

  fetch(query, init) {
    return fetch(`${origin}${this.path}?${this.query({ transport: "polling", ...query })}`, init);
  }

  async poll(sid) {
    const answer = await this.fetch({ sid });
    return { status: answer.status, body: await answer.text() };
  }

  async post(sid, body) {
    const answer = await this.fetch({ sid }, { method: "POST", body });
    return { status: answer.status, body: await answer.text() };
  }

  /** A new session over polling: its id. */
  async session() {
    const answer = await this.fetch({});
    assert.equal(answer.status, 200);
    return JSON.parse((await answer.text()).slice(1)).sid;
  }

  websocket(query) {
    const url = `${origin.replace("http", "ws")}${this.path}?${this.query({ transport: "websocket", ...query })}`;
    return new Client(url);
  }

  /** A WebSocket after its handshake. */
  async open() {
    const client = this.websocket({});
    checkHandshake(await client.text(), []);
    return client;
  }

  /** A WebSocket that is to take over a session, connected. */
  async probe(sid) {
    const client = this.websocket({ sid });
    await client.opened;
    return client;
  }
}

export function checkHandshake(packet, upgrades) {
  assert.equal(packet[0], "0");
  const { sid, ...rest } = JSON.parse(packet.slice(1));
  assert.equal(typeof sid, "string");
  assert.deepEqual(rest, {
    upgrades, pingInterval: PING_INTERVAL, pingTimeout: PING_TIMEOUT, maxPayload: MAX_PAYLOAD,
  });
}

/** A WebSocket whose messages wait until they are asked for. */
class Client {
  #socket;
  #messages = [];
  #wake = () => {};

  constructor(url) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.addEventListener("message", ({ data }) => {
      this.#messages.push(data);
      this.#wake();
    });
    this.opened = new Promise((opened, failed) => {
      this.#socket.addEventListener("open", opened);
      this.#socket.addEventListener("error", (event) => failed(event.error));
    });
    this.closed = new Promise((closed) => this.#socket.addEventListener("close", closed));
    // a refused one is awaited by its end
    this.opened.catch(() => {});
  }

  send(data) {
    this.#socket.send(data);
  }

  /** The next message. */
  async next() {
    const gone = this.closed.then(() => "gone");
    while (this.#messages.length === 0) {
      const woken = new Promise((woken) => (this.#wake = woken));
      if ((await Promise.race([woken, gone])) === "gone" && this.#messages.length === 0) {
        throw new Error("closed without another message");
      }
    }
    return this.#messages.shift();
  }

  async text() {
    const message = await this.next();
    assert.equal(typeof message, "string");
    return message;
  }

  /** The next message that is no heartbeat; those are answered, since a slow machine may get to several. */
  async packet() {
    for (;;) {
      const message = await this.next();
      if (message !== "2") return message;
      this.send("3");
    }
  }

  /** It ends by itself, whatever it is told before. */
  async ends() {
    await this.closed;
  }

  close() {
    this.#socket.close();
  }
}
