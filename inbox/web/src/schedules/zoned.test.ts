import { expect, test } from "vitest";

import { momentOf, wallOf } from "./zoned";

const iso = (local: string, zone: string) => momentOf(local, zone)?.toISOString();

test("a time is that of the zone, whatever the reader's clock", () => {
  expect(iso("2026-12-01T08:00", "Africa/Addis_Ababa")).toBe("2026-12-01T05:00:00.000Z");
  expect(iso("2026-07-01T08:00", "America/New_York")).toBe("2026-07-01T12:00:00.000Z");
  expect(iso("2026-12-01T08:00", "America/New_York")).toBe("2026-12-01T13:00:00.000Z");
  expect(iso("no time", "UTC")).toBeUndefined();
});

test("a time that the clocks skip is read with the offset before the jump", () => {
  // 29 March 2026, 02:00 becomes 03:00 in Berlin
  expect(iso("2026-03-29T02:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00.000Z");
});

test("of a time that comes twice the first is meant", () => {
  // 25 October 2026, 03:00 becomes 02:00 in Berlin
  expect(iso("2026-10-25T02:30", "Europe/Berlin")).toBe("2026-10-25T00:30:00.000Z");
});

test("what is read is what was written", () => {
  for (const zone of ["UTC", "Africa/Addis_Ababa", "Asia/Kathmandu", "America/St_Johns", "Europe/Berlin"]) {
    for (const local of ["2026-01-31T23:59", "2026-06-30T00:00", "2026-10-25T12:00"]) {
      expect(wallOf(momentOf(local, zone)!, zone)).toBe(local);
    }
  }
});
