import { expect, test } from "vitest";

import { fieldOf, freshFilter, isComplete, withOperator, type FilterField } from "./filter-rows";
import { listQuery, listStateOf, searchOf } from "./list-state";

const field = (name: string, kind: FilterField["kind"]): FilterField => ({ name, label: name, kind });

test("a new row begins with the first operator of its kind", () => {
  expect(freshFilter(field("name", "text"))).toEqual({ field: "name", op: "icontains", value: "" });
  expect(freshFilter(field("is_active", "boolean"))).toEqual({ field: "is_active", op: "eq", value: "true" });
  expect(freshFilter(field("properties", "property"))).toEqual({ field: "properties.", op: "icontains", value: "" });
  expect(freshFilter(field("created_at", "since"))).toEqual({ field: "created_at", op: "ge", value: "now-30d" });
});

test("what was typed stays where the other operator can use it", () => {
  const one = { field: "name", op: "icontains", value: "Almaz" };
  expect(withOperator(one, "eq").value).toBe("Almaz");
  expect(withOperator({ field: "status", op: "in", value: "a,b" }, "eq").value).toBe("a");
  expect(withOperator({ field: "created_at", op: "ge", value: "now-30d" }, "le_days")).toMatchObject({
    op: "le",
    value: "now-30d",
  });
  // a day is no number of days, and neither is a range
  expect(withOperator({ field: "created_at", op: "ge", value: "now-30d" }, "le").value).toBe("");
  expect(withOperator({ field: "n", op: "ge", value: "3" }, "range").value).toBe("");
  expect(withOperator(one, "is_null")).toMatchObject({ op: "is_null", value: "true" });
});

test("a condition is sent when nothing of it is missing", () => {
  expect(isComplete({ field: "name", op: "eq", value: " " })).toBe(false);
  expect(isComplete({ field: "properties.", op: "eq", value: "x" })).toBe(false);
  expect(isComplete({ field: "properties.city", op: "is_null", value: "true" })).toBe(true);
  expect(isComplete({ field: "created_at", op: "ge", value: "now-d" })).toBe(false);
  expect(isComplete({ field: "created_at", op: "range", value: "2026-01-01," })).toBe(false);
});

test("a property is found by the beginning of its name", () => {
  const fields = [field("name", "text"), field("properties", "property")];
  expect(fieldOf(fields, { field: "properties.city", op: "eq", value: "" })?.name).toBe("properties");
  expect(fieldOf(fields, { field: "name.city", op: "eq", value: "" })).toBeUndefined();
});

test("beyond the pages that have a number a list goes on by its cursor", () => {
  const state = listStateOf({ after: "abc", page: "101", limit: "100" });
  expect(listQuery(state)).toEqual({ filter: [], limit: 100, cursor: "abc" });
  expect(searchOf(state)).toMatchObject({ after: "abc", page: "101" });
  expect(listQuery({ ...state, after: null })).toMatchObject({ skip: 10_000 });
});
