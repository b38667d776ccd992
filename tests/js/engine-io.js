// Handshake, heartbeat, end and change of transport: what both protocols ask, wherever Engine.IO 4 is spoken.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PING_INTERVAL, PING_TIMEOUT, after, checkHandshake } from "./protocol.js";

/** `echoes`: whatever is sent comes back, so that a WebSocket can be shown to work. */
export function engineIo(server, { echoes }) {
  describe("handshake", () => {
    test("polling opens a session", async () => {
      const answer = await server.fetch({});
      assert.equal(answer.status, 200);
      checkHandshake(await answer.text(), ["websocket"]);
    });

    for (const [what, query] of [
      ["without a version", { EIO: undefined }],
      ["with a version that is none", { EIO: "abc" }],
      ["without a transport", { transport: undefined }],
      ["with a transport that is none", { transport: "abc" }],
    ]) {
      test(`polling ${what} is refused`, async () => {
        assert.equal((await server.fetch(query)).status, 400);
      });
      test(`a WebSocket ${what} is refused`, async () => {
        const client = server.websocket(query);
        await assert.rejects(client.opened, /400/);
        await client.ends();
      });
    }

    for (const method of ["POST", "PUT"]) {
      test(`a session is not opened by ${method}`, async () => {
        assert.equal((await server.fetch({}, { method })).status, 400);
      });
    }

    test("a WebSocket opens a session", async () => {
      (await server.open()).close();
    });
  });

  describe("heartbeat", () => {
    test("polling is asked and answers", async () => {
      const sid = await server.session();
      for (let round = 0; round < 3; round += 1) {
        assert.deepEqual(await server.poll(sid), { status: 200, body: "2" });
        assert.equal((await server.post(sid, "3")).status, 200);
      }
    });

    test("polling without an answer is ended", async () => {
      const sid = await server.session();
      await after(PING_INTERVAL + PING_TIMEOUT);
      assert.equal((await server.poll(sid)).status, 400);
    });

    test("polling that posts only later finds no session", async () => {
      const sid = await server.session();
      await after(PING_INTERVAL + PING_TIMEOUT);
      assert.equal((await server.post(sid, "3")).status, 400);
    });

    test("a WebSocket is asked and answers", async () => {
      const client = await server.open();
      for (let round = 0; round < 3; round += 1) {
        assert.equal(await client.text(), "2");
        client.send("3");
      }
      client.close();
    });

    test("a WebSocket without an answer is ended", async () => {
      const client = server.websocket({});
      await client.ends();
    });
  });

  describe("end", () => {
    test("polling ends, and the poll that waits is answered", async () => {
      const sid = await server.session();
      const [poll] = await Promise.all([server.poll(sid), server.post(sid, "1")]);
      assert.deepEqual(poll, { status: 200, body: "6" });
      assert.equal((await server.poll(sid)).status, 400);
    });

    test("a WebSocket ends", async () => {
      const client = await server.open();
      client.send("1");
      await client.ends();
    });
  });

  describe("change of transport", () => {
    test("polling becomes a WebSocket", async () => {
      const sid = await server.session();
      const client = await server.probe(sid);
      client.send("2probe");
      assert.equal(await client.text(), "3probe");
      client.send("5");
      if (echoes) {
        client.send("4hello");
        assert.equal(await client.packet(), "4hello");
      }
      client.close();
    });

    test("a poll that waits is answered when the WebSocket is probed", async () => {
      const sid = await server.session();
      const [poll, client] = await Promise.all([server.poll(sid), server.probe(sid).then((client) => {
        client.send("2probe");
        return client;
      })]);
      assert.deepEqual(poll, { status: 200, body: "6" });
      assert.equal(await client.text(), "3probe");
      client.send("5");
      client.close();
    });

    for (const later of ["poll", "WebSocket"]) {
      test(`after it a ${later} of the same session is refused`, async () => {
        const sid = await server.session();
        const client = await server.probe(sid);
        client.send("2probe");
        client.send("5");
        if (later === "poll") {
          assert.equal((await server.poll(sid)).status, 400);
        } else {
          const second = server.websocket({ sid });
          await assert.rejects(second.opened);
          await second.ends();
        }
        assert.equal(await client.text(), "3probe");
        if (echoes) {
          client.send("4hello");
          assert.equal(await client.packet(), "4hello");
        }
        client.close();
      });
    }
  });
}
