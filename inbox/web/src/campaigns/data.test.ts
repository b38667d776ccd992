import { expect, test } from "vitest";

import { newest, withProgress, type GroupMessage } from "./data";

const one = {
  id: "g",
  version: 5,
  status: "processing",
  sent_count: 10,
  pause_reason: null,
  error: null,
} as GroupMessage;
const told = {
  account_id: "a",
  group_message_id: "g",
  version: 6,
  status: "processing",
  name: "Sale",
  reason: null,
  total_recipients: 20,
  pending_count: 8,
  sent_count: 12,
  delivered_count: 0,
  failed_count: 0,
  cancelled_count: 0,
  skipped_count: 0,
  unknown_count: 0,
} as const;

test("newer news is taken over, older and another's is not", () => {
  expect(withProgress(one, told).sent_count).toBe(12);
  expect(withProgress(one, { ...told, version: 5 })).toBe(one);
  expect(withProgress(one, { ...told, group_message_id: "h" })).toBe(one);
});

test("the reason belongs to the pause, or to the end", () => {
  expect(withProgress(one, { ...told, status: "paused", reason: "switched off" }).pause_reason).toBe("switched off");
  expect(withProgress(one, { ...told, status: "failed", reason: "no template" })).toMatchObject({
    error: "no template",
    pause_reason: null,
  });
});

test("an answer that was overtaken by the socket takes nothing back", () => {
  const later = withProgress(one, told);
  expect(newest(later, one)).toBe(later);
  expect(newest(one, later)).toBe(later);
  const edited = { ...later, name: "Sales" };
  expect(newest(later, edited)).toBe(edited);
  const other = { ...one, id: "h" };
  const list = (...data: GroupMessage[]) => ({ data, meta: { total: data.length } });
  expect(newest(list(later), list(other, one))).toEqual(list(other, later));
  expect(newest(undefined, one)).toBe(one);
});
