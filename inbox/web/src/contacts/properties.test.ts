import { expect, test } from "vitest";

import { readProperty, shownProperty } from "./properties";

test("a property keeps its kind when it is written anew", () => {
  for (const value of ["Addis", 42, true, { size: "L" }])
    expect(readProperty(shownProperty(value), value)).toEqual(value);
  expect(readProperty("43", 42)).toBe(43);
  expect(readProperty("42", "41")).toBe("42");
  expect(readProperty("007", undefined)).toBe("007");
});

test("what is no JSON any more becomes a text", () => {
  expect(readProperty("about forty", 42)).toBe("about forty");
});
