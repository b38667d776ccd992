import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { CommandError, connectAgents, connectCustomers, type State } from "../src";
import { FakeSocket } from "./fake";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const meta = (log: string, seq: number) => ({ log, seq, id: `${log}/${seq}`, at: "2026-11-25T00:00:00Z" });
const settled = () => vi.advanceTimersByTimeAsync(0);

/** Lets time pass until the next attempt; returns the milliseconds. */
async function untilAttempt(socket: FakeSocket): Promise<number> {
  const began = Date.now();
  const before = socket.attempts.length;
  while (socket.attempts.length === before) {
    await vi.advanceTimersByTimeAsync(10);
    if (Date.now() - began > 60_000) throw new Error("no attempt in a minute");
  }
  return Date.now() - began;
}

async function agents() {
  const socket = new FakeSocket();
  const asked: boolean[] = [];
  const connection = connectAgents({
    url: "http://hub",
    auth: ({ renew }) => {
      asked.push(renew);
      return { token: renew ? "new" : "old", account_id: "a" };
    },
    socket: () => socket,
  });
  const states: State[] = [];
  connection.on("state", (state) => states.push(state));
  await settled();
  return { socket, connection, states, asked };
}

test("after a break it names the numbers it has, and drops what it had", async () => {
  const { socket, connection } = await agents();
  const seen: number[] = [];
  connection.on("conversation:new", (_, { seq }) => seen.push(seq));
  expect(socket.attempts).toEqual([{ token: "old", account_id: "a", threads: {} }]);
  socket.greet({ head: 10 });
  for (const seq of [11, 12, 12, 11, 14]) socket.receive("conversation:new", {}, meta("account:a", seq));
  expect(seen).toEqual([11, 12, 14]);

  socket.drop();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(socket.attempts[1]).toEqual({ token: "old", account_id: "a", epoch: "e1", since: 14, threads: {} });
  socket.greet({ head: 16, resumed: true }, { live: false });
  for (const seq of [14, 15, 16]) socket.receive("conversation:new", {}, meta("account:a", seq));
  expect(seen).toEqual([11, 12, 14, 15, 16]);
});

test("it is live when everything missed has come", async () => {
  const { socket, connection, states } = await agents();
  socket.greet({}, { live: false });
  expect(connection.state).toBe("connecting");
  socket.receive("live", { account_id: "a", seq: 0 });
  socket.drop();
  await vi.advanceTimersByTimeAsync(2_000);
  socket.greet({ resumed: true });
  connection.close();
  expect(states).toEqual(["live", "offline", "connecting", "live", "closed"]);
});

test("feed:position moves on a reader who sees little", async () => {
  const { socket } = await agents();
  socket.greet({ head: 1 });
  socket.receive("feed:position", { account_id: "a", seq: 600 });
  socket.receive("feed:position", { account_id: "a", seq: 500 });
  socket.drop();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(socket.attempts[1]).toMatchObject({ since: 600 });
});

test("a reset sets the number, also backwards, and is told", async () => {
  const { socket, connection } = await agents();
  const resets: string[] = [];
  connection.on("reset", ({ reason }) => resets.push(reason));
  socket.greet({ head: 50 });
  socket.receive("reset", { log: "account:a", reason: "ahead", head: 7 });
  const seen: number[] = [];
  connection.on("conversation:new", (_, { seq }) => seen.push(seq));
  socket.receive("conversation:new", {}, meta("account:a", 8));
  expect(resets).toEqual(["ahead"]);
  expect(seen).toEqual([8]);
});

test("numbers of another epoch are forgotten", async () => {
  const { socket, connection } = await agents();
  socket.greet({ head: 50 });
  socket.drop();
  await vi.advanceTimersByTimeAsync(2_000);
  socket.greet({ head: 3, epoch: "e2" });
  const seen: number[] = [];
  connection.on("conversation:new", (_, { seq }) => seen.push(seq));
  socket.receive("conversation:new", {}, meta("account:a", 4));
  expect(seen).toEqual([4]);
});

test("joined threads go on where they were, left ones do not", async () => {
  const { socket, connection } = await agents();
  socket.greet({});
  const joining = connection.join("c1");
  await settled();
  socket.take("conversation:join").answer({ ok: true, data: { head: 5, resumed: false, entries: [] } });
  await joining;
  socket.receive("conversation:message", { conversation_id: "c1" }, meta("conversation:c1", 6));
  socket.drop();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(socket.attempts[1]).toMatchObject({ threads: { c1: 6 } });
  socket.greet({ resumed: true });

  const leaving = connection.leave("c1");
  await settled();
  socket.take("conversation:leave").answer({ ok: true, data: null });
  await leaving;
  socket.drop();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(socket.attempts[2]).toMatchObject({ threads: {} });
  socket.greet({ resumed: true });

  const again = connection.join("c1");
  await settled();
  const asked = socket.take("conversation:join");
  expect(asked.payload).toEqual({ conversation_id: "c1", since: 6 });
  asked.answer({ ok: true, data: { head: 6, resumed: true, entries: [] } });
  await again;
  // a reset of the thread: the next join asks for its page
  socket.receive("reset", { log: "conversation:c1", reason: "too_old", head: 90 });
  void connection.join("c1");
  await settled();
  expect(socket.take("conversation:join").payload).toEqual({ conversation_id: "c1" });
});

test("a refused token is renewed at once, then with growing waits, and never given up", async () => {
  const { socket, asked, connection } = await agents();
  const refused: string[] = [];
  connection.on("refused", (why) => refused.push(why));
  socket.refuse("unauthorized");
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toEqual([false, true]);
  expect(socket.attempts[1]).toMatchObject({ token: "new" });
  for (let n = 0; n < 12; n++) {
    socket.refuse("unauthorized");
    await untilAttempt(socket);
  }
  expect(asked).toHaveLength(14);
  expect(refused).toHaveLength(13);
});

test("waits lie between one and thirty seconds", async () => {
  const { socket } = await agents();
  for (let n = 0; n < 8; n++) {
    socket.refuse("websocket error");
    const waited = await untilAttempt(socket);
    expect(waited).toBeGreaterThanOrEqual(1_000);
    expect(waited).toBeLessThanOrEqual(30_000);
  }
});

test("an attempt that is never answered is given up", async () => {
  const { socket, connection } = await agents();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(connection.state).toBe("offline");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(socket.attempts).toHaveLength(2);
});

test("a token that is about to end is renewed in place", async () => {
  const { socket } = await agents();
  socket.greet({});
  socket.receive("auth:expiring", { in_s: 60 });
  await settled();
  expect(socket.take("auth:refresh").payload).toEqual({ token: "new" });
});

test("a hub that is about to stop is left when it says so", async () => {
  const { socket } = await agents();
  socket.greet({});
  socket.receive("server:draining", { reconnect_in_ms: 700 });
  await vi.advanceTimersByTimeAsync(699);
  expect(socket.attempts).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(socket.attempts).toHaveLength(2);
});

test("a command waits for the greeting, and tells why it was not done", async () => {
  const { socket, connection } = await agents();
  const done = connection.command("agent:status", { status: "online" });
  const late = connection.command("agent:status", { status: "away" }, { timeout: 500 });
  const refused = expect(late).rejects.toMatchObject({ code: "offline" });
  await vi.advanceTimersByTimeAsync(600);
  await refused;
  socket.greet({});
  await settled();
  socket.take("agent:status").answer({ ok: true, data: { status: "online" } });
  expect(await done).toEqual({ status: "online" });

  const conflict = connection.command("conversation:assign", { conversation_id: "c" });
  await settled();
  socket.take("conversation:assign").answer({ ok: false, error: { code: "conflict", message: "taken", details: { by: "hanna" } } });
  await expect(conflict).rejects.toEqual(new CommandError("conflict", "taken", { by: "hanna" }));

  const cut = connection.command("agent:status", { status: "online" });
  const lost = expect(cut).rejects.toMatchObject({ code: "offline" });
  await settled();
  socket.drop();
  await lost;
});

test("a dead network is noticed within five seconds of an unanswered send", async () => {
  const { socket, connection } = await agents();
  socket.greet({});
  await vi.advanceTimersByTimeAsync(1_000);
  connection.outbox.add({ conversation_id: "c", content: "hello?" });
  await settled();
  const first = socket.take("message:send");
  await vi.advanceTimersByTimeAsync(4_900);
  expect(socket.attempts).toHaveLength(2);
  expect(connection.state).not.toBe("live");
  socket.greet({ resumed: true });
  await vi.advanceTimersByTimeAsync(1_500);
  const second = socket.take("message:send");
  expect(second.payload).toEqual(first.payload);
});

test("a hub that is slow but alive is not taken for dead", async () => {
  const { socket, connection } = await agents();
  socket.greet({});
  connection.outbox.add({ conversation_id: "c", content: "hello?" });
  await vi.advanceTimersByTimeAsync(3_000);
  socket.receive("queue:update", {});
  await vi.advanceTimersByTimeAsync(3_000);
  expect(socket.attempts).toHaveLength(1);
});

test("a visitor resumes the conversation that the first message opened", async () => {
  const socket = new FakeSocket();
  const connection = connectCustomers({ url: "http://hub", auth: () => ({ token: "t" }), socket: () => socket });
  await settled();
  socket.greet({ conversation: null });
  const { settled: sent } = connection.outbox.add({ content: "Selam" });
  await settled();
  socket.take("message:send").answer({ ok: true, data: { message: { id: "m" }, conversation: { id: "c" } } });
  await sent;
  socket.receive("conversation:message", { conversation_id: "c", client_message_id: null }, meta("conversation:c", 2));
  socket.drop();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(socket.attempts[1]).toEqual({ token: "t", epoch: "e1", conversation_id: "c", since: 2 });
});
