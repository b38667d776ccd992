import { expect, test } from "vitest";

import { formatRule, isWhole, ONCE, parseRule } from "./rule";

test.each(["daily", "weekly:mon,wed,fri", "monthly:1,15", "monthly:31", "FREQ=MONTHLY;BYDAY=-1FR"])(
  "%s is read and written as it is",
  (rule) => expect(formatRule(parseRule(rule))).toBe(rule),
);

test("what is no short rule stays as it was written", () => {
  expect(parseRule("weekly:mon,someday")).toMatchObject({ kind: "rule", rule: "weekly:mon,someday" });
  expect(parseRule("monthly:32").kind).toBe("rule");
  expect(parseRule("monthly:").kind).toBe("rule");
  expect(parseRule(null)).toBe(ONCE);
});

test("days are in the order of the week, dates in that of the month", () => {
  expect(formatRule({ ...ONCE, kind: "weekly", days: ["fri", "mon"] })).toBe("weekly:mon,fri");
  expect(formatRule({ ...ONCE, kind: "monthly", dates: [15, 1] })).toBe("monthly:1,15");
});

test("a repetition needs its days", () => {
  expect(isWhole({ ...ONCE, kind: "weekly" })).toBe(false);
  expect(isWhole({ ...ONCE, kind: "monthly" })).toBe(false);
  expect(isWhole({ ...ONCE, kind: "rule", rule: " " })).toBe(false);
  expect(isWhole(ONCE)).toBe(true);
});
