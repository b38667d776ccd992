import { describe, expect, test } from "vitest";

import { bodyOf, emptyRule, fieldOf, valuesOf, type RuleValues } from "./wire";

const stored = (trigger_type: RuleValues["trigger_type"], conditions: object, actions: object = {}) => ({
  name: "Rule",
  description: null,
  is_active: true,
  trigger_type,
  conditions,
  actions,
});

describe("what is stored comes back as it was", () => {
  test.each([
    [
      "keyword",
      { keywords: ["refund", "ተመላሽ"], match_mode: "all", case_sensitive: true, whole_word: true, channels: ["sms"] },
      { reply_text: "Hello", set_labels: ["refund"], set_priority: "high", assign_team_id: "t1" },
    ],
    [
      "time_based",
      { time_range: { start: "18:00", end: "08:00" }, timezone: "Africa/Addis_Ababa", days: ["mon", "sun"] },
      { reply_template_id: "x", set_status: "open" },
    ],
    ["time_based", { timezone: "UTC", days: ["sat"] }, { set_status: "bot" }],
    ["channel", { channels: ["telegram"], exclude_channels: ["email"], language: ["am", "en"] }, { hand_off: true }],
    ["new_conversation", { only_first_message: false }, { assign_strategy: "manual_queue" }],
    ["fallback", {}, {}],
  ] as const)("%s %j", (trigger, conditions, actions) => {
    expect(bodyOf(valuesOf(stored(trigger, conditions, actions)))).toEqual({
      trigger_type: trigger,
      conditions,
      actions,
    });
  });
});

test("older ways of writing are read", () => {
  const values = valuesOf(
    stored("time_based", { time_range: { start: "20:00", end: "24:00", tz: "Asia/Tokyo" }, language: "am" }),
  );
  expect(values).toMatchObject({ timezone: "Asia/Tokyo", end: "23:59", language: ["am"] });
  expect(valuesOf(stored("time_based", { days: ["mon"] }))).toMatchObject({ timezone: "UTC", has_time: false });
});

test("what another trigger would know is not sent", () => {
  const values: RuleValues = { ...emptyRule(), keywords: ["a"], days: ["mon"], trigger_type: "fallback" };
  expect(bodyOf(values).conditions).toEqual({});
  expect(bodyOf({ ...values, trigger_type: "channel", channels: ["sms"] }).conditions).toEqual({ channels: ["sms"] });
});

test("of the answers only the chosen one is sent", () => {
  const values: RuleValues = { ...emptyRule(), reply_text: "Hi", reply_template_id: "x" };
  expect(bodyOf({ ...values, reply: "none" }).actions).toEqual({});
  expect(bodyOf({ ...values, reply: "text" }).actions).toEqual({ reply_text: "Hi" });
  expect(bodyOf({ ...values, reply: "template" }).actions).toEqual({ reply_template_id: "x" });
});

test("nobody is assigned unless the rule routes", () => {
  const values: RuleValues = { ...emptyRule(), reply: "none", assign_team_id: "t1", hand_off: true };
  expect(bodyOf(values).actions).toEqual({});
  expect(bodyOf({ ...values, routes: true }).actions).toEqual({ assign_team_id: "t1", hand_off: true });
});

test.each([
  ["conditions.keywords.1", "keywords.1"],
  ["conditions.time_range", "start"],
  ["conditions.time_range.end", "end"],
  ["conditions.time_range.tz", "timezone"],
  ["actions.reply_text", "reply_text"],
  ["name", "name"],
])("a refusal of %s stands at %s", (hub, form) => expect(fieldOf(hub)).toBe(form));
