// Wires between the browser and the hub that can be cut, or go silent, which is worse.
import { connect, createServer } from "node:net";

/** A TCP proxy on a free port of 127.0.0.1. */
export async function proxy(target) {
  const pairs = new Set();
  let isSilent = false;
  let isDown = false;
  let left = Infinity;
  const server = createServer((client) => {
    if (isDown) return client.destroy();
    const hub = connect(target, "127.0.0.1");
    const pair = { client, hub };
    pairs.add(pair);
    const end = () => {
      client.destroy();
      hub.destroy();
      pairs.delete(pair);
    };
    // silent: bytes are taken and go nowhere, and nobody is told
    client.on("data", (bytes) => {
      if (isSilent || pair.isDead) return;
      left -= bytes.length;
      if (left < 0) {
        left = Infinity;
        isDown = true;
        wire.cut();
      } else {
        hub.write(bytes);
      }
    });
    hub.on("data", (bytes) => isSilent || pair.isDead || client.write(bytes));
    for (const side of [client, hub]) {
      side.on("error", end);
      side.on("close", () => (isSilent || pair.isDead) || end());
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const wire = {
    port: server.address().port,
    url: `http://127.0.0.1:${server.address().port}`,
    /** From now on nothing passes; connections stay open on both sides. */
    silence() {
      isSilent = true;
    },
    /** New connections work again; those that fell silent stay so. */
    heal() {
      for (const pair of pairs) pair.isDead = true;
      isSilent = isDown = false;
    },
    /** Ends every connection there is. */
    cut() {
      for (const { client, hub } of pairs) {
        client.destroy();
        hub.destroy();
      }
      pairs.clear();
    },
    /**
     * When so many more bytes have gone to the hub, every connection ends, and none is taken until `heal`: without
     * that a browser would send the request once more by itself, and the page would not know. Resolves then.
     */
    async cutAfter(bytes) {
      left = bytes;
      while (!isDown) await new Promise((done) => setTimeout(done, 20));
    },
    async close() {
      this.cut();
      await new Promise((done) => server.close(done));
    },
  };
  return wire;
}
