import { expect, test } from "vitest";

import type { Template } from "@/templates/data";
import type { Schedule } from "./data";
import { fieldOf, sent, valuesOf } from "./form";

const now = new Date("2026-11-25T10:20:00Z");

test("a new one is for the next full hour, on the clocks of the reader", () => {
  const { day, time } = valuesOf(null, null, "Africa/Addis_Ababa", now);
  expect([day, time]).toEqual(["2026-11-25", "14:00"]);
});

const stored = {
  name: "Reminder",
  send_type: "group",
  channel_id: "c",
  contact_group_ids: ["g"],
  segment_ids: [],
  exclude_contact_ids: [],
  template_id: "t",
  custom_values: {},
  delivery_address: null,
  contact_id: null,
  scheduled_at: "2026-12-01T05:00:00.000Z",
  timezone: "Africa/Addis_Ababa",
  is_recurring: true,
  recurrence_rule: "weekly:mon",
  recurrence_end_at: "2026-12-31T20:59:00.000Z",
  recurrence_count: null,
  recipient_timezone: false,
  cancel_on_reply: false,
  missed_policy: "one",
  missed_cap: 3,
  max_lateness_seconds: 1800,
} as unknown as Schedule;
const own = { id: "t", category: "auto-generated", body: "Remember us" } as Template;

test("what is stored goes back as it was", () => {
  expect(sent(valuesOf(stored, null, "UTC", now), null)).toMatchObject({
    template_id: "t",
    scheduled_at: stored.scheduled_at,
    timezone: stored.timezone,
    recurrence_rule: "weekly:mon",
    recurrence_end_at: stored.recurrence_end_at,
    recurrence_count: null,
    max_lateness_seconds: 1800,
  });
});

test("a text of its own is sent again only when it was changed", () => {
  const values = valuesOf(stored, own, "UTC", now);
  expect(values.content).toMatchObject({ source: "text", message_body: "Remember us" });
  expect(sent(values, own)).not.toHaveProperty("message_body");
  const changed = { ...values, content: { ...values.content, message_body: "Remember me" } };
  expect(sent(changed, own)).toMatchObject({ message_body: "Remember me" });
});

test("what belongs to the other kind of recipient is not sent along", () => {
  const single = {
    ...valuesOf(stored, null, "UTC", now),
    send_type: "single" as const,
    delivery_address: "+251911000000",
  };
  expect(sent(single, null)).toMatchObject({ contact_group_ids: [], delivery_address: "+251911000000" });
});

test("a refusal stands at the field that was filled in", () => {
  expect(["recurrence_rule", "segment_ids", "custom_values.X", "name"].map(fieldOf)).toEqual([
    "repeat",
    "audience",
    "content",
    "name",
  ]);
});
