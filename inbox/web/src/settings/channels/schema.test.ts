import type { TFunction } from "i18next";
import { describe, expect, test } from "vitest";

import { fieldsOf, labelOf, patchOf, rulesOf, valuesOf, wireOf } from "./schema";

const schema = {
  type: "object",
  required: ["token", "account_sid"],
  properties: {
    api_base: { type: ["string", "null"], format: "uri" },
    token: {
      type: "string",
      minLength: 3,
      pattern: "^[A-Z]+$",
      "x-pattern-hint": "capital letters",
      "x-secret": "key",
    },
    account_sid: { type: "string", maxLength: 5 },
    mms: { type: ["boolean", "null"] },
    fast: { type: "boolean", default: true },
    share: { type: "number", minimum: 0, maximum: 1, default: 0.5 },
    count: { type: ["integer", "null"], minimum: 1 },
    mode: { oneOf: [{ enum: ["b", "c"], type: "string" }, { const: "a" }], default: "a" },
    receipts: { type: "array", items: { enum: ["sent", "read"], type: "string" }, maxItems: 2, default: ["sent"] },
    sid: { anyOf: [{ type: "string", pattern: "^AC" }, { type: "null" }] },
    bot_id: { type: ["integer", "null"], description: "Filled in by verification." },
    look: { type: "object", properties: { colour: { type: "string", default: "red" } } },
    odd: { type: "array", items: { type: "object" } },
  },
};
const fields = fieldsOf(schema);
// texts are the catalogue's affair; here only which one it is
const t = ((key: string, values?: { defaultValue?: string }) =>
  values?.defaultValue ?? key) as unknown as TFunction<"settings">;

test("each property becomes the control that fits it, required ones first", () => {
  expect(fields.map(({ name, kind }) => `${name}:${kind}`)).toEqual([
    "token:secret",
    "account_sid:text",
    "api_base:text",
    "mms:maybe",
    "fast:flag",
    "share:number",
    "count:integer",
    "mode:choice",
    "receipts:words",
    "sid:text",
    "bot_id:integer",
    "look:group",
    "odd:json",
  ]);
  expect(fields.find(({ name }) => name === "bot_id")?.readOnly).toBe(true);
  expect(fields.find(({ name }) => name === "mode")?.options).toEqual(["b", "c", "a"]);
  expect(fields.find(({ name }) => name === "receipts")?.options).toEqual(["sent", "read"]);
});

test("something new sends what was filled in and the standards, as the types that the hub wants", () => {
  const values = { ...valuesOf(fields, {}), token: "ABC", account_sid: " AC1 ", count: "3", mms: "false" };
  expect(wireOf(fields, values)).toEqual({
    token: "ABC",
    account_sid: "AC1",
    mms: false,
    fast: true,
    share: 0.5,
    count: 3,
    mode: "a",
    receipts: ["sent"],
    look: { colour: "red" },
  });
});

describe("of something stored only changes are sent", () => {
  const stored = {
    token: "A****Z",
    account_sid: "AC1",
    api_base: "https://x.example",
    share: 0.2,
    bot_id: 7,
    mms: true,
  };

  test("nothing touched, nothing sent", () => {
    expect(patchOf(fields, valuesOf(fields, stored), stored)).toEqual({});
  });

  test("an emptied field is taken away, a secret only when asked", () => {
    const values = { ...valuesOf(fields, stored), api_base: "", mms: "auto", share: "0.3" };
    expect(patchOf(fields, values, stored)).toEqual({ api_base: null, mms: null, share: 0.3 });
    expect(patchOf(fields, { ...valuesOf(fields, stored), token: "NEW" }, stored)).toEqual({ token: "NEW" });
    expect(patchOf(fields, { ...valuesOf(fields, stored), token: null }, stored)).toEqual({ token: null });
    // the box was opened and left empty
    expect(patchOf(fields, { ...valuesOf(fields, stored), token: "" }, stored)).toEqual({});
  });

  test("a group is sent whole", () => {
    const values = { ...valuesOf(fields, stored), look: { colour: "blue" } };
    expect(patchOf(fields, values, stored)).toEqual({ look: { colour: "blue" } });
  });
});

describe("what is refused", () => {
  const good = { ...valuesOf(fields, {}), token: "ABC", account_sid: "AC1" };
  const refused = (change: object) => {
    const result = rulesOf(fields, t).safeParse({ ...good, ...change });
    return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  };

  test("nothing that is good", () => {
    expect(refused({})).toEqual([]);
    // a stored secret need not be typed again
    expect(refused({ token: undefined })).toEqual([]);
  });

  test.each([
    [{ token: "" }, "token: errors.required"],
    [{ token: null }, "token: errors.required"],
    [{ token: "AB" }, "token: errors.too_short"],
    [{ token: "abc" }, "token: capital letters"],
    [{ account_sid: "ACCOUNT" }, "account_sid: errors.too_long"],
    [{ api_base: "example.com" }, "api_base: errors.address"],
    [{ share: "2" }, "share: errors.between"],
    [{ share: "a" }, "share: errors.number"],
    [{ count: "1.5" }, "count: errors.whole_number"],
    [{ count: "0" }, "count: errors.at_least"],
    [{ receipts: ["lost"] }, "receipts: errors.one_of"],
    [{ sid: "SK1" }, "sid: errors.pattern"],
    [{ odd: "{" }, "odd: errors.json"],
  ])("%j", (change, refusal) => expect(refused(change)).toEqual([refusal]));
});

test("names are made readable", () => {
  expect(labelOf("account_sid", t)).toBe("Account SID");
  expect(labelOf("api_base", t)).toBe("API base");
});
