// The cases of Engine.IO 4's official suite, on an echo.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { engineIo } from "./engine-io.js";
import { Server, after } from "./protocol.js";

const server = new Server("/engine.io/");
engineIo(server, { echoes: true });

describe("messages over polling", () => {
  for (const [what, body] of [
    ["one text", "4hello"],
    ["several texts", "4test1\x1e4test2\x1e4test3"],
    ["text and bytes", "4hello\x1ebAQIDBA=="],
  ]) {
    test(`${what}`, async () => {
      const sid = await server.session();
      assert.deepEqual(await server.post(sid, body), { status: 200, body: "ok" });
      assert.deepEqual(await server.poll(sid), { status: 200, body });
    });
  }

  test("what is no packet ends the session", async () => {
    const sid = await server.session();
    assert.equal((await server.post(sid, "abc")).status, 400);
    assert.equal((await server.poll(sid)).status, 400);
  });

  test("two polls at once end the session", async () => {
    const sid = await server.session();
    const [first, second] = await Promise.all([
      server.poll(sid),
      after(5).then(() => server.poll(sid)),
    ]);
    assert.deepEqual(first, { status: 200, body: "1" });
    assert.equal(second.status, 400);
    assert.equal((await server.poll(sid)).status, 400);
  });
});

describe("messages over WebSocket", () => {
  test("text", async () => {
    const client = await server.open();
    client.send("4hello");
    assert.equal(await client.packet(), "4hello");
    client.close();
  });

  test("bytes", async () => {
    const client = await server.open();
    client.send(Uint8Array.from([1, 2, 3, 4]));
    assert.deepEqual(await client.packet(), Uint8Array.from([1, 2, 3, 4]).buffer);
    client.close();
  });

  test("what is no packet ends the session", async () => {
    const client = await server.open();
    client.send("abc");
    await client.ends();
  });
});
