// People of the demo as programs: REST, and an agent's socket.
import { once } from "node:events";

import { io } from "socket.io-client";

export const PASSWORD = "turumba-demo";

/** Signs in and returns `call(method, path, body)` with that person's rights. */
export async function signIn(hub, email = "owner@demo.example", password = PASSWORD) {
  const call = async (method, path, body, token) => {
    const answer = await fetch(hub.url + path, {
      method,
      headers: { ...(body && { "content-type": "application/json" }), ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(told)}`), { status: answer.status, told });
    return told.data;
  };
  const session = await call("POST", "/v1/auth/login", { email, password });
  return { token: session.access_token, call: (method, path, body) => call(method, path, body, session.access_token) };
}

/** An agent who is connected and online. Ends with `close()`. */
export class Agent {
  static async start(hub, email = "hanna@demo.example") {
    const { token, call } = await signIn(hub, email);
    const socket = io(`${hub.url}/agents`, { auth: { token }, transports: ["websocket"], forceNew: true });
    const agent = new Agent(socket, call);
    socket.onAny((name, payload, meta) => agent.heard.push({ name, payload, meta }));
    const [hello] = await once(socket, "hello");
    agent.user = hello.user;
    await agent.ask("agent:status", { status: "online" });
    return agent;
  }

  constructor(socket, call) {
    this.socket = socket;
    this.call = call;
    this.heard = [];
  }

  /** Sends a command; one that comes too fast is sent again when the hub says. */
  async ask(name, payload = {}) {
    for (;;) {
      const answer = await this.socket.timeout(15_000).emitWithAck(name, payload);
      if (answer.ok) return answer.data;
      const { code, details } = answer.error;
      if (code !== "rate_limited") throw Object.assign(new Error(`${name}: ${JSON.stringify(answer.error)}`), answer.error);
      await new Promise((done) => setTimeout(done, details.retry_after_ms));
    }
  }

  /** Waits for something heard since the last `forget`. */
  hear(name, matches = () => true, patience = 15_000) {
    const until = Date.now() + patience;
    return new Promise((done, fail) => {
      const look = () => {
        const found = this.heard.find((one) => one.name === name && matches(one.payload));
        if (found) return done(found.payload);
        if (Date.now() > until) return fail(new Error(`${name} was not heard; heard: ${[...new Set(this.heard.map((one) => one.name))].join(", ")}`));
        setTimeout(look, 50);
      };
      look();
    });
  }

  forget() {
    this.heard = [];
  }

  /** Waits until the conversation in which a customer wrote `text` is there, and opens it. */
  async find(text, patience = 15_000) {
    const until = Date.now() + patience;
    // commands are few a second: what has not changed is looked into once
    const looked = new Map();
    for (;;) {
      const { conversations } = await this.ask("inbox:list", { view: "all", limit: 10 });
      for (const { id, last_message_at: changed } of conversations) {
        if (looked.get(id) === changed) continue;
        looked.set(id, changed);
        const thread = await this.ask("conversation:join", { conversation_id: id });
        if (thread.entries.some((message) => message.content === text)) return { id, ...thread };
        await this.ask("conversation:leave", { conversation_id: id });
      }
      if (Date.now() > until) throw new Error(`no conversation says ${JSON.stringify(text)}`);
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  /** Assigns a conversation to this agent. */
  take(conversation_id) {
    return this.ask("conversation:assign", { conversation_id, assignee_id: this.user.id });
  }

  say(conversation_id, content, more = {}) {
    return this.ask("message:send", { conversation_id, client_message_id: crypto.randomUUID(), content, ...more });
  }

  close() {
    this.socket.disconnect();
  }
}
