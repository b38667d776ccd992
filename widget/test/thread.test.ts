import type { PublicMessage } from "@turumba/realtime";
import { expect, test } from "vitest";

import { items, linked, merge, unseen } from "../src/frame/thread";

const message = (seq: number, given: Partial<PublicMessage> = {}): PublicMessage => ({
  id: `m${seq}`, message_id: `m${seq}`, account_id: "a", conversation_id: "c", sender_type: "agent", sender: { name: "Hanna", avatar_url: null },
  message_body: "", content: `text ${seq}`, content_type: "text", attachments: [], status: "sent", seq, client_message_id: null, reply_to: null,
  read_at: null, created_at: `2026-11-25T10:${String(seq).padStart(2, "0")}:00`, ...given,
});
const own = (seq: number, given: Partial<PublicMessage> = {}) => message(seq, { sender_type: "contact", sender: null, client_message_id: `k${seq}`, ...given });

test("messages come in the order of their numbers, each once; one that appears again keeps its place", () => {
  const known = merge([], [message(3), message(1)]);
  const again = merge(known, [message(2), message(9, { id: "m1", content: "edited" })]);
  expect(again.map(({ id }) => id)).toEqual(["m1", "m2", "m3"]);
  expect(again[0]).toMatchObject({ content: "edited", seq: 1 });
});

test("days, lines and senders group what is shown", () => {
  const shown = items(
    [own(1), message(2), message(3), message(4, { created_at: "2026-11-26T10:00:00" })],
    [{ seq: 2.5, at: "2026-11-25T10:02:30", joined: "Hanna" }], [],
  );
  expect(shown.map(({ kind }) => kind)).toEqual(["day", "message", "message", "line", "message", "day", "message"]);
  expect(shown.filter((item) => item.kind === "message").map(({ isFirst, isLast }) => [isFirst, isLast])).toEqual([[true, true], [true, true], [true, true], [true, true]]);
  const close = items([message(1), message(2), message(9)], [], []).filter((item) => item.kind === "message");
  expect(close.map(({ isFirst, isLast }) => [isFirst, isLast])).toEqual([[true, false], [false, true], [true, true]]);
});

test("the visitor's own messages show how far they are", () => {
  const entry = (id: string, refused = false) => ({
    client_message_id: id, payload: { client_message_id: id, content: id }, at: 1, ...(refused && { error: { code: "validation_error", message: "no" } }),
  });
  const shown = items([own(1), own(2, { read_at: "2026-11-25T11:00:00" }), own(3, { status: "read" })], [], [entry("k3"), entry("k4"), entry("k5", true)]);
  expect(shown.flatMap((item) => "tick" in item ? [item.tick] : [])).toEqual(["sent", "seen", "seen", "sending", "refused"]);
});

test("what was not seen is what the other side said after the last look", () => {
  const all = [own(1), message(2), message(3, { read_at: "2026-11-25T11:00:00" }), message(4, { sender_type: "bot" }), message(5, { sender_type: "system" })];
  expect(unseen(all, 0).map(({ seq }) => seq)).toEqual([2, 4]);
  expect(unseen(all, 2).map(({ seq }) => seq)).toEqual([4]);
});

test("addresses become links, and nothing else does", () => {
  expect(linked("See https://abol.example/guji. Or (www.abol.example/a_(b)), or sara@example.com!")).toEqual([
    "See ", { href: "https://abol.example/guji", text: "https://abol.example/guji" }, ". Or (",
    { href: "https://www.abol.example/a_(b)", text: "www.abol.example/a_(b)" }, "), or ",
    { href: "mailto:sara@example.com", text: "sara@example.com" }, "!",
  ]);
  expect(linked("javascript:alert(1) data:text/html,x 3.50 birr")).toEqual(["javascript:alert(1) data:text/html,x 3.50 birr"]);
});
