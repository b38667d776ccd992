import { describe, expect, test } from "vitest";

import { hoursOf, isOvernight, minutesOf, weekOf, wireOf, type Block } from "./hours";

const night: Block = { days: ["fri", "sun"], start: "22:00", end: "06:00" };

describe("to the hub and back", () => {
  test("always is null", () => {
    expect(wireOf(hoursOf(null))).toBeNull();
    expect(hoursOf({ schedule: [], timezone: "UTC" }).limited).toBe(false);
  });

  test("what was stored comes back as it was, the end of the day too", () => {
    const wire = {
      timezone: "Africa/Addis_Ababa",
      schedule: [
        { days: ["mon", "tue"], start: "08:30", end: "24:00" },
        { days: ["fri", "sun"], start: "22:00", end: "06:00" },
      ] satisfies Block[],
    };
    const hours = hoursOf(wire);
    expect(hours.limited).toBe(true);
    // an input of the kind `time` knows no 24:00
    expect(hours.blocks[0]?.end).toBe("00:00");
    expect(wireOf(hours)).toEqual(wire);
  });

  test("days are sent in the week's order, however they were pressed", () => {
    const wire = wireOf({ limited: true, timezone: "UTC", blocks: [{ ...night, days: ["sun", "fri"] }] });
    expect(wire?.schedule[0]?.days).toEqual(["fri", "sun"]);
  });
});

test.each([
  ["00:00", 0],
  ["23:59", 1439],
  ["24:00", null],
  ["7:00", null],
  ["", null],
])("%s is %s minutes", (time, minutes) => expect(minutesOf(time)).toBe(minutes));

test("only what goes on after midnight is overnight", () => {
  expect(isOvernight(night)).toBe(true);
  expect(isOvernight({ days: [], start: "18:00", end: "00:00" })).toBe(false);
  expect(isOvernight({ days: [], start: "08:00", end: "17:00" })).toBe(false);
  expect(isOvernight({ days: [], start: "08:00", end: "08:00" })).toBe(true);
});

test("the week is drawn with nights on the next day and without overlaps", () => {
  const week = weekOf([
    night,
    { days: ["mon"], start: "05:00", end: "12:00" },
    { days: ["mon"], start: "12:00", end: "13:00" },
    { days: ["tue"], start: "", end: "13:00" },
  ]);
  expect(week).toEqual([[[0, 780]], [], [], [], [[1320, 1440]], [[0, 360]], [[1320, 1440]]]);
});
