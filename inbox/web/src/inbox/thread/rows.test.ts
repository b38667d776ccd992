import type { Message } from "@turumba/realtime";
import { describe, expect, it } from "vitest";

import { linesOf, rowsOf, type Line, type Row } from "./rows";

const at = (minute: number, day = 25) => `2026-11-${day}T10:${String(minute).padStart(2, "0")}:00`;

const message = (seq: number, more: Partial<Message> = {}): Message =>
  ({
    id: `m${seq}`,
    seq,
    sender_type: "contact",
    sender_id: "p",
    is_private: false,
    created_at: at(seq),
    ...more,
  }) as Message;

const rows = (messages: Message[], more: Partial<Parameters<typeof rowsOf>[0]> = {}) =>
  rowsOf({ messages, lines: [], pending: [], hasMore: false, readSeq: 0, ...more });

const shown = (all: Row[]) =>
  all.map((row) => (row.kind === "message" ? row.message.id : row.kind === "line" ? row.line.kind : row.kind));

describe("rows of a thread", () => {
  it("stand together when one sender wrote them soon after each other", () => {
    const all = rows([message(1), message(2), message(3, { sender_type: "agent", sender_id: "a" }), message(20)]);
    expect(all.map((row) => row.kind === "message" && [row.isFirst, row.isLast])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });

  it("carry the name of a day at its first row, whatever that is", () => {
    const line: Line = { kind: "rated", id: "r", at: at(1, 26), rating: 5 };
    const all = rows([message(1), message(2), message(3, { created_at: at(3, 26) })], { lines: [line] });
    expect(shown(all)).toEqual(["m1", "m2", "rated", "m3"]);
    expect(all.map((row) => row.day ?? null)).toEqual([at(1), null, at(1, 26), null]);
  });

  it("leave lines to the page that they belong to", () => {
    const lines: Line[] = [
      { kind: "rated", id: "old", at: at(1), rating: 3 },
      { kind: "rated", id: "new", at: at(6), rating: 5 },
    ];
    expect(shown(rows([message(5), message(7)], { lines, hasMore: true }))).toEqual(["m5", "rated", "m7"]);
    expect(shown(rows([message(5), message(7)], { lines }))).toEqual(["rated", "m5", "rated", "m7"]);
  });

  it("mark what the customer wrote after the last look, and nothing else", () => {
    expect(shown(rows([message(1), message(2)], { readSeq: 1 }))).toEqual(["m1", "new", "m2"]);
    expect(shown(rows([message(1), message(2, { sender_type: "agent" })], { readSeq: 1 }))).toEqual(["m1", "m2"]);
    expect(shown(rows([message(1), message(2)], { readSeq: 2 }))).toEqual(["m1", "m2"]);
  });

  it("say of what waited the moment at which it was sent, not at which it was written", () => {
    const waited = { status: "sent", scheduled_at: at(5, 26) } as const;
    const all = rows([message(1), message(2, waited)]);
    expect(all.map((row) => row.day ?? null)).toEqual([at(1), at(5, 26)]);
    const waits = rows([message(1), message(2, { ...waited, status: "scheduled" }), message(3)]);
    expect(waits.map((row) => row.day ?? null)).toEqual([at(1), null, null]);
  });

  it("end with what is still on its way", () => {
    const pending = [
      {
        client_message_id: "k",
        payload: { client_message_id: "k", conversation_id: "1", content: "x" },
        at: Date.parse(at(9)),
      },
    ];
    expect(shown(rows([message(1)], { pending }))).toEqual(["m1", "pending"]);
  });
});

describe("lines of a thread", () => {
  type Decisions = Parameters<typeof linesOf>[0];
  const decision = (id: string, minute: number, more: object) =>
    ({ id, created_at: at(minute), assignee_id: null, candidates: null, ...more }) as unknown as Decisions[number];

  it("tell a reason to wait once, however often it was found", () => {
    const newestFirst = [
      decision("d", 4, { outcome: "assigned", assignee_id: "a", reason: "least_busy" }),
      decision("c", 3, { outcome: "waiting", reason: "capacity" }),
      decision("b", 2, { outcome: "waiting", reason: "availability" }),
      decision("a", 1, { outcome: "waiting", reason: "availability" }),
    ];
    expect(linesOf(newestFirst, [], []).map((line) => [line.kind, line.id])).toEqual([
      ["waiting", "a"],
      ["waiting", "c"],
      ["picked", "d"],
    ]);
  });

  it("name the rule that held, before what it made the bot do", () => {
    const candidates = [
      { name: "Other", matched: false },
      { name: "Refunds", matched: true },
    ];
    const activity = { seq: 3, at: at(1), changed: ["status"], status: "open", by: null, csat_rating: null };
    const lines = linesOf(
      [decision("a", 1, { outcome: "rule", reason: "keyword", candidates })],
      [],
      [activity as unknown as Parameters<typeof linesOf>[2][number]],
    );
    expect(lines.map((line) => (line.kind === "rule" ? line.rule : line.kind))).toEqual(["Refunds", "status"]);
  });
});
