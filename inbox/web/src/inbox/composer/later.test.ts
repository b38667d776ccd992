import { expect, test } from "vitest";

import { localTime, moments } from "./later";

const shown = (now: Date) => moments(now).map(({ name, at }) => `${name} ${localTime(at)}`);

test("later is in an hour, tomorrow morning, or Monday morning", () => {
  expect(shown(new Date(2026, 10, 25, 16, 40))).toEqual([
    "hour 2026-11-25T17:40",
    "tomorrow 2026-11-26T09:00",
    "monday 2026-11-30T09:00",
  ]);
});

test("on a Monday the next one is meant, and on a Sunday it is tomorrow", () => {
  expect(shown(new Date(2026, 10, 30, 8))).toContain("monday 2026-12-07T09:00");
  expect(shown(new Date(2026, 10, 29, 8))).toEqual(["hour 2026-11-29T09:00", "tomorrow 2026-11-30T09:00"]);
});
