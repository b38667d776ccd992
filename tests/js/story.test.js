// A visitor and an agent, both with the stock client, over both transports.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { connect, hub, post, said } from "./client.js";
import { breaches } from "./contract.js";

const { AGENT_TOKEN: token, AGENT_ID: agentId, ACCOUNT_ID: account_id, PUBLIC_KEY: key } = process.env;
const agentAuth = () => ({ token, account_id });

for (const transport of ["websocket", "polling"]) {
  test(`a web chat from the first word to the rating, over ${transport}`, async () => {
    const agent = connect("/agents", agentAuth, transport);
    const hello = await agent.wait("hello");
    assert.equal(hello.payload.user.id, agentId);
    assert.equal(hello.payload.account_id, account_id);
    assert.ok(Number.isInteger(hello.payload.head));
    await agent.wait("live");
    await agent.done("agent:status", { status: "online" });

    const session = await post(`/v1/public/chat/${key}/session`, {});
    const visitor = connect("/customers", () => ({ token: session.token }), transport);
    await visitor.wait("hello");
    const client_message_id = randomUUID();
    const opened = await visitor.done("message:send", { client_message_id, content: "Hello?" });
    const again = await visitor.done("message:send", { client_message_id, content: "Hello?" });
    assert.equal(again.message.id, opened.message.id, "repeating a send sends nothing new");
    const conversation_id = opened.conversation.id;

    await agent.wait("conversation:new", (it) => it.id === conversation_id);
    await agent.wait("notification:assignment", (it) => it.conversation_id === conversation_id);
    const page = await agent.done("conversation:join", { conversation_id });
    assert.deepEqual(page.entries.map((entry) => entry.content), ["Hello?"]);
    await agent.done("conversation:typing:start", { conversation_id });
    await visitor.wait("conversation:typing", (it) => it.typing === true || it.is_typing === true);
    const sent = await agent.done("message:send", {
      conversation_id, client_message_id: randomUUID(), content: "Good morning.",
    });
    const got = await visitor.wait("conversation:message", (it) => it.content === "Good morning.");
    assert.equal(got.meta.log, `conversation:${conversation_id}`);
    assert.equal(got.payload.message_body, "Good morning.");
    await visitor.done("conversation:read", { seq: got.meta.seq });
    await agent.wait("message:status", (it) => it.message_id === sent.message.id && it.status === "read");

    await agent.done("conversation:status", { conversation_id, status: "resolved" });
    await visitor.wait("csat:request");
    await visitor.done("csat:submit", { rating: 5 });
    const elsewhere = await visitor.command("conversation:join", { conversation_id });
    assert.equal(elsewhere.error.code, "forbidden");
    agent.close();
    visitor.close();
  });

  test(`a short cut is recovered by the client itself, over ${transport}`, async () => {
    const agent = connect("/agents", agentAuth, transport);
    await agent.wait("live");
    const session = await post(`/v1/public/chat/${key}/session`, {});
    const visitor = connect("/customers", () => ({ token: session.token }), transport);
    await visitor.wait("hello");
    const say = (content) => visitor.done("message:send", { client_message_id: randomUUID(), content });
    const { conversation } = await say("one");
    const conversation_id = conversation.id;
    await agent.wait("conversation:new", (it) => it.id === conversation_id);
    await agent.done("conversation:join", { conversation_id });
    await say("two");
    await agent.wait("conversation:message", (it) => it.content === "two");
    assert.equal(agent.socket.recovered, false);
    for (const round of [["three", "four"], ["five", "six"]]) {
      const connected = new Promise((told) => agent.socket.once("connect", told));
      agent.socket.io.engine.close();
      for (const content of round) await say(content);
      await connected;
      assert.equal(agent.socket.recovered, true);
      await agent.wait("conversation:message", (it) => it.content === round[1]);
    }
    const texts = agent.events.filter((event) => event.name === "conversation:message");
    assert.deepEqual(texts.map((event) => event.payload.content), ["two", "three", "four", "five", "six"]);
    assert.equal(agent.events.some((event) => event.name === "reset"), false);
    assert.equal(agent.events.findLast((event) => event.name === "hello").payload.resumed, true);
    agent.close();
    visitor.close();
  });

  test(`a lost connection is resumed with nothing missing, over ${transport}`, async () => {
    const agent = connect("/agents", agentAuth, transport);
    await agent.wait("live");
    const { epoch } = agent.events.find((event) => event.name === "hello").payload;
    const session = await post(`/v1/public/chat/${key}/session`, {});
    const visitor = connect("/customers", () => ({ token: session.token }), transport);
    await visitor.wait("hello");
    const say = (content) => visitor.done("message:send", { client_message_id: randomUUID(), content });
    const { conversation } = await say("one");
    const conversation_id = conversation.id;
    await agent.wait("conversation:new", (it) => it.id === conversation_id);
    const page = await agent.done("conversation:join", { conversation_id });
    const log = `account:${account_id}`;
    const [since, thread] = [agent.last[log], page.head];
    agent.close();
    for (const content of ["two", "three", "four"]) await say(content);
    const back = connect(
      "/agents", () => ({ token, account_id, since, epoch, threads: { [conversation_id]: thread } }), transport,
    );
    const hello = await back.wait("hello");
    assert.equal(hello.payload.resumed, true);
    await back.wait("conversation:message", (it) => it.content === "four");
    const texts = back.events.filter((event) => event.name === "conversation:message");
    assert.deepEqual(texts.map((event) => event.payload.content), ["two", "three", "four"]);
    assert.equal(back.events.some((event) => event.name === "reset"), false);
    await back.wait("live");
    back.close();
    visitor.close();
  });

  test(`who is nobody is refused, over ${transport}`, async () => {
    for (const auth of [{}, { token: "nonsense" }]) {
      const nobody = connect("/agents", () => auth, transport);
      assert.equal(await nobody.refused(), "unauthorized");
      nobody.close();
    }
    const nowhere = connect("/elsewhere", agentAuth, transport);
    assert.equal(typeof (await nowhere.refused()), "string");
    nowhere.close();
  });
}

test("everything that was said is as the AsyncAPI document has it", async () => {
  const document = await (await fetch(`${hub}/asyncapi.json`)).json();
  // a command of another namespace is refused, and stands in no document
  const known = said.filter(({ namespace, name }) => !(namespace === "/customers" && name === "conversation:join"));
  assert.deepEqual(breaches(document, known), []);
  const names = new Set(known.map(({ namespace, name }) => `${namespace} ${name}`));
  for (const name of ["/agents hello", "/agents conversation:message", "/agents message:send", "/customers csat:request"]) {
    assert.ok(names.has(name), `${name} was not said: ${[...names]}`);
  }
  assert.notDeepEqual(breaches(document, [{ namespace: "/agents", name: "live", payload: { seq: "no number" } }]), []);
});
