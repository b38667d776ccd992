import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { CommandError, keyedStore, Outbox, uuid } from "../src";
import { FakeStorage } from "./fake";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Text {
  to: string;
  text: string;
}
type Sent = Text & { client_message_id: string };

/** A hub that is told what to answer. */
function make(storage?: FakeStorage) {
  const calls: { payload: Sent; patience: number; done: (told: string) => void; fail: (error: unknown) => void }[] = [];
  const outbox = new Outbox<Text, string>({
    send: (payload, patience) => new Promise((done, fail) => calls.push({ payload, patience, done, fail })),
    lane: ({ to }) => to,
    ...(storage && { store: keyedStore<Text>(storage, "out:") }),
  });
  return { outbox, calls };
}
const settled = () => vi.advanceTimersByTimeAsync(0);
const texts = (calls: { payload: Text }[]) => calls.map(({ payload }) => payload.text);

test("within a lane one goes after the other; lanes do not wait for each other", async () => {
  const { outbox, calls } = make();
  outbox.setOpen(true);
  outbox.add({ to: "x", text: "1" });
  outbox.add({ to: "x", text: "2" });
  outbox.add({ to: "y", text: "3" });
  expect(texts(calls)).toEqual(["1", "3"]);
  calls[0]!.done("ok");
  await settled();
  expect(texts(calls)).toEqual(["1", "3", "2"]);
  expect(outbox.entries.map(({ payload }) => payload.text)).toEqual(["2", "3"]);
});

test("what was not acknowledged is sent again under the same id, in order", async () => {
  const { outbox, calls } = make();
  outbox.setOpen(true);
  outbox.add({ to: "x", text: "1" });
  outbox.add({ to: "x", text: "2" });
  outbox.setOpen(false);
  calls[0]!.fail(new CommandError("offline", "lost"));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(calls).toHaveLength(1);
  outbox.setOpen(true);
  expect(calls[1]!.payload).toEqual(calls[0]!.payload);
  calls[1]!.done("ok");
  await settled();
  expect(texts(calls)).toEqual(["1", "1", "2"]);
});

test("unsent messages survive a reload, and those of another tab are taken up", async () => {
  const storage = new FakeStorage();
  const before = make(storage);
  const { entry } = before.outbox.add({ to: "x", text: "1" });
  before.outbox.add({ to: "x", text: "2" });

  const after = make(storage);
  expect(after.outbox.entries.map(({ payload }) => payload.text)).toEqual(["1", "2"]);
  after.outbox.setOpen(true);
  expect(after.calls[0]!.payload.client_message_id).toBe(entry.client_message_id);
  after.calls[0]!.done("ok");
  await settled();
  after.calls[1]!.done("ok");
  await settled();
  expect(storage.length).toBe(0);

  before.outbox.add({ to: "x", text: "3" });
  after.outbox.reload();
  expect(texts(after.calls)).toEqual(["1", "2", "3"]);
});

test("a rate limit is waited out as long as the hub says", async () => {
  const { outbox, calls } = make();
  outbox.setOpen(true);
  outbox.add({ to: "x", text: "1" });
  calls[0]!.fail(new CommandError("rate_limited", "slow down", { retry_after_ms: 3_000 }));
  await vi.advanceTimersByTimeAsync(2_999);
  expect(calls).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(calls).toHaveLength(2);
});

test("a refusal keeps the text, lets the others pass, and waits for a decision", async () => {
  const storage = new FakeStorage();
  const { outbox, calls } = make(storage);
  outbox.setOpen(true);
  const { entry, settled: first } = outbox.add({ to: "x", text: "1" });
  outbox.add({ to: "x", text: "2" });
  calls[0]!.fail(new CommandError("validation_error", "too long"));
  await expect(first).rejects.toMatchObject({ code: "validation_error" });
  expect(texts(calls)).toEqual(["1", "2"]);
  expect(entry.error).toEqual({ code: "validation_error", message: "too long" });
  expect(make(storage).outbox.entries[0]!.error).toBeDefined();

  calls[1]!.done("ok");
  await settled();
  outbox.retry(entry.client_message_id);
  expect(texts(calls)).toEqual(["1", "2", "1"]);
  outbox.discard(entry.client_message_id);
  expect(outbox.entries).toEqual([]);
  expect(storage.length).toBe(0);
});

test("what the thread shows needs no more sending", () => {
  const { outbox, calls } = make();
  const { entry } = outbox.add({ to: "x", text: "1" });
  outbox.confirm(entry.client_message_id);
  outbox.setOpen(true);
  expect(calls).toEqual([]);
});

test("a hub that is slow gets more patience each time", async () => {
  const { outbox, calls } = make();
  outbox.setOpen(true);
  outbox.add({ to: "x", text: "1" });
  calls[0]!.fail(new CommandError("timeout", "no answer"));
  await vi.advanceTimersByTimeAsync(1_000);
  calls[1]!.fail(new CommandError("timeout", "no answer"));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(calls.map(({ patience }) => patience)).toEqual([4_000, 8_000, 12_000]);
});

test("ids are version 4, also without a secure context", () => {
  const random = crypto.randomUUID;
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(uuid()).toMatch(pattern);
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  expect(uuid()).toMatch(pattern);
  Object.defineProperty(crypto, "randomUUID", { value: random, configurable: true });
});
