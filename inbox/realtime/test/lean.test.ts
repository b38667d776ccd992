// The lean client against the stock server.
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { Server } from "socket.io";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";

import { LeanSocket } from "../src";

// the machine may be busy with other things
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let http: HttpServer;
let server: Server;
let url: string;
const sockets: LeanSocket[] = [];
const wires = new Set<Socket>();

/** Node's client throws what a browser's only tells. */
class Browser extends WebSocket {
  constructor(address: string) {
    super(address);
    this.on("error", () => {});
  }
}

const listen = (options: object = {}) => new Promise<void>((done) => {
  http = createServer();
  wires.clear();
  http.on("connection", (wire) => wires.add(wire));
  server = new Server(http, { pingInterval: 400, pingTimeout: 400, ...options });
  http.listen(0, "127.0.0.1", () => {
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/customers`;
    done();
  });
});

beforeEach(() => {
  vi.stubGlobal("WebSocket", Browser);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  for (const wire of wires) wire.destroy();
  await server.close();
  vi.unstubAllGlobals();
});

function make() {
  const socket = new LeanSocket(url);
  sockets.push(socket);
  const told: unknown[][] = [];
  for (const event of ["connect", "connect_error", "disconnect"]) {
    socket.on(event, (detail?: unknown) => void told.push([event, detail instanceof Error ? detail.message : detail]));
  }
  socket.onAny((...all) => void told.push(all));
  return { socket, told };
}
const ask = (socket: LeanSocket, event: string, payload: unknown, ms = 1_000) =>
  new Promise((done, fail) => socket.timeout(ms).emit(event, payload, (error, told) => error ? fail(error as Error) : done(told)));
const until = <T>(check: () => T | undefined | false, what = check.toString()) => vi.waitFor(() => {
  const found = check();
  if (!found) throw new Error(`not yet: ${what}`);
  return found;
}, 10_000);

for (const transports of [["websocket"], ["polling"]]) {
  test(`connects, hears and asks over ${transports[0]}`, async () => {
    await listen({ transports });
    const auths: unknown[] = [];
    server.of("/customers").on("connection", (socket) => {
      auths.push(socket.handshake.auth);
      socket.emit("hello", { name: "ሰላም" }, { seq: 1 });
      socket.on("double", (n: number, answer: (told: number) => void) => answer(2 * n));
      socket.on("silent", () => {});
    });
    const { socket, told } = make();
    socket.auth = { token: "t" };
    socket.connect();
    if (transports[0] === "polling") {
      // what does not let WebSockets through is found out by trying
      await until(() => told.some(([event]) => event === "connect_error"));
      socket.connect();
    }
    await until(() => socket.connected && told.some(([event]) => event === "hello"));
    expect(auths).toEqual([{ token: "t" }]);
    expect(told.find(([event]) => event === "hello")).toEqual(["hello", { name: "ሰላም" }, { seq: 1 }]);
    expect(await Promise.all([1, 2, 3].map((n) => ask(socket, "double", n)))).toEqual([2, 4, 6]);
    await expect(ask(socket, "silent", {}, 50)).rejects.toThrow("timeout");
    // longer than ping and patience together
    await new Promise((done) => setTimeout(done, 1_200));
    expect(socket.connected).toBe(true);
    expect(await ask(socket, "double", 21)).toBe(42);
    socket.disconnect();
    expect(told.at(-1)).toEqual(["disconnect", "io client disconnect"]);
    await until(() => server.of("/customers").sockets.size === 0);
  });
}

test("a refusal is told with its reason, and another attempt may do better", async () => {
  await listen();
  server.of("/customers").use((socket, next) => next(socket.handshake.auth["token"] === "good" ? undefined : new Error("unauthorized")));
  const { socket, told } = make();
  socket.auth = { token: "bad" };
  socket.connect();
  await until(() => told.length);
  expect(told).toEqual([["connect_error", "unauthorized"]]);
  socket.auth = { token: "good" };
  socket.connect();
  await until(() => socket.connected);
});

test("the server's farewell, a lost transport and a silent one all end the connection", async () => {
  await listen();
  server.of("/customers").on("connection", () => {});
  const { socket, told } = make();
  socket.connect();
  await until(() => socket.connected);
  const pending = ask(socket, "never", {}, 60_000);
  const lost = expect(pending).rejects.toThrow("disconnected");
  server.of("/customers").disconnectSockets();
  await until(() => told.at(-1)![0] === "disconnect");
  expect(told.at(-1)![1]).toBe("io server disconnect");
  await lost;

  socket.connect();
  await until(() => socket.connected);
  for (const wire of wires) wire.destroy();
  await until(() => !socket.connected);
  expect(told.at(-1)![1]).toBe("transport close");

  socket.connect();
  await until(() => socket.connected);
  for (const wire of wires) wire.write = () => true;
  await until(() => !socket.connected);
  expect(told.at(-1)![1]).toBe("transport close");
});

test("where nobody listens, the attempt fails", async () => {
  await listen();
  await server.close();
  const { socket, told } = make();
  socket.connect();
  await until(() => told.length);
  expect(told[0]![0]).toBe("connect_error");
  expect(await ask(socket, "anything", {}).catch((error: Error) => error.message)).toBe("not connected");
});
