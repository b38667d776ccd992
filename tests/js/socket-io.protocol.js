// The cases of Socket.IO 5's official suite: namespaces `/` and `/custom` that echo.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { engineIo } from "./engine-io.js";
import { Server } from "./protocol.js";

const server = new Server("/socket.io/");
engineIo(server, { echoes: false });

/** A client in the main namespace. */
async function connected() {
  const client = await server.open();
  client.send("40");
  assert.match(await client.packet(), /^40\{/);
  assert.equal(await client.packet(), '42["auth",{}]');
  return client;
}

describe("connect", () => {
  for (const [packet, prefix, auth] of [
    ["40", "40", '42["auth",{}]'],
    ['40{"token":"123"}', "40", '42["auth",{"token":"123"}]'],
    ["40/custom,", "40/custom,", '42/custom,["auth",{}]'],
    ['40/custom,{"token":"abc"}', "40/custom,", '42/custom,["auth",{"token":"abc"}]'],
  ]) {
    test(packet, async () => {
      const client = await server.open();
      client.send(packet);
      const answer = await client.packet();
      assert.ok(answer.startsWith(prefix), answer);
      const { sid, ...rest } = JSON.parse(answer.slice(prefix.length));
      assert.equal(typeof sid, "string");
      assert.deepEqual(rest, {});
      assert.equal(await client.packet(), auth);
      client.close();
    });
  }

  test("an unknown namespace is refused by name", async () => {
    const client = await server.open();
    client.send("40/random");
    assert.equal(await client.packet(), '44/random,{"message":"Invalid namespace"}');
    client.close();
  });

  test("what is no CONNECT ends the session", async () => {
    const client = await server.open();
    client.send("4abc");
    await client.ends();
  });

  test("whoever connects to nothing is ended", async () => {
    const client = server.websocket({});
    await client.ends();
  });
});

describe("disconnect", () => {
  test("the main namespace is left, the transport stays", async () => {
    const client = await connected();
    client.send("41");
    assert.equal(await client.text(), "2");
    client.close();
  });

  test("one namespace is left, the other stays", async () => {
    const client = await connected();
    assert.equal(await client.text(), "2");
    client.send("40/custom");
    assert.match(await client.packet(), /^40\/custom,\{/);
    assert.equal(await client.packet(), '42/custom,["auth",{}]');
    client.send("41/custom");
    client.send('42["message","message to main namespace"]');
    assert.equal(await client.packet(), '42["message-back","message to main namespace"]');
    client.close();
  });
});

describe("messages", () => {
  const [first, second] = [Uint8Array.from([1, 2, 3]), Uint8Array.from([4, 5, 6])];
  const places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';

  for (const [what, packet, answer] of [
    ["text", '42["message",1,"2",{"3":[true]}]', '42["message-back",1,"2",{"3":[true]}]'],
    ["text, acknowledged", '42456["message-with-ack",1,"2",{"3":[false]}]', '43456[1,"2",{"3":[false]}]'],
  ]) {
    test(what, async () => {
      const client = await connected();
      client.send(packet);
      assert.equal(await client.packet(), answer);
      client.close();
    });
  }

  for (const [what, packet, answer] of [
    ["bytes", `452-["message",${places}]`, `452-["message-back",${places}]`],
    ["bytes, acknowledged", `452-789["message-with-ack",${places}]`, `462-789[${places}]`],
  ]) {
    test(what, async () => {
      const client = await connected();
      client.send(packet);
      client.send(first);
      client.send(second);
      assert.equal(await client.packet(), answer);
      assert.deepEqual(await client.packet(), first.buffer);
      assert.deepEqual(await client.packet(), second.buffer);
      client.close();
    });
  }

  for (const [what, packet] of [
    ["an unknown type", "4abc"],
    ["a payload that is no array", "42{}"],
    ["an acknowledgement's id that is no number", '42abc["message-with-ack",1,"2",{"3":[false]}]'],
  ]) {
    test(`${what} ends the session`, async () => {
      const client = await connected();
      client.send(packet);
      await client.ends();
    });
  }
});
