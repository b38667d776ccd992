import { expect, test } from "vitest";

import { fault, percentOf, type Import } from "./data";

test("a mapping must say who it is, once", () => {
  expect(fault({ Name: "name", City: "properties.city" })).toBeNull();
  expect(fault({ Telegram: "identifier.telegram" })).toBeNull();
  expect(fault({ City: "properties.city", Note: "ignore" })).toBe("nobody");
  expect(fault({ Phone: "phone", Mobile: "phone" })).toBe("same");
  expect(fault({ A: "ignore", B: "ignore", C: "email" })).toBeNull();
  expect(fault({ Name: "name", City: "properties." })).toBe("unnamed");
});

test("progress is told in bytes and ends at all of them", () => {
  const one = { done_bytes: 50, total_bytes: 200, status: "processing" } as Import;
  expect(percentOf(one)).toBe(25);
  expect(percentOf({ ...one, status: "completed" })).toBe(100);
  expect(percentOf({ ...one, total_bytes: 0 })).toBe(0);
});
