import { describe, expect, test } from "vitest";

import type { Channel, Profile } from "../channels/data";
import { chatChangeOf, chatModelOf, chatValuesOf, fieldOf, isOrigin, nameFrom, newChatOf, originOf } from "./model";

const question = (more: object) => ({
  type: "object",
  properties: { name: { type: "string" }, label: { type: "string" }, required: { type: "boolean" }, ...more },
});
const profileOf = (more: object, look: object, kinds: object): Profile =>
  ({
    settings_schema: {
      properties: {
        public_key: { type: ["string", "null"] },
        welcome_message: { type: ["string", "null"] },
        pre_chat_form: {
          type: ["object", "null"],
          properties: { enabled: { type: "boolean" }, fields: { type: "array", items: question(kinds) } },
        },
        widget_config: { type: "object", properties: { color: { type: "string" }, ...look } },
        ...more,
      },
    },
  }) as unknown as Profile;

const older = chatModelOf(profileOf({}, {}, {}));
const newer = chatModelOf(
  profileOf(
    { team_name: { type: ["string", "null"] } },
    { theme: { enum: ["auto", "dark"], type: "string", default: "auto" } },
    { type: { enum: ["text", "select"], type: "string" } },
  ),
);
const channel = {
  name: "Shop",
  silence_hours: 12,
  credentials: { identity_secret: "••••••••" },
  settings: {
    public_key: "k",
    welcome_message: "Hi",
    team_name: "Care",
    allowed_origins: ["https://shop.example"],
    pre_chat_form: { enabled: true, fields: [{ name: "email", label: "E-mail", required: true }] },
    widget_config: { color: "#112233", position: "bottom-left", launcher_text: "Chat", theme: "dark" },
  },
} as unknown as Channel;

test("what the hub knows beyond the page's own fields is found in its schema", () => {
  expect(older).toEqual({ more: [], moreLook: [], types: [] });
  expect(newer.more.map(({ name }) => name)).toEqual(["team_name"]);
  expect(newer.moreLook.map(({ name }) => name)).toEqual(["theme"]);
  expect(newer.types).toEqual(["text", "select"]);
});

test("what is stored comes back as it was, the secret untouched", () => {
  const change = chatChangeOf(newer, channel, chatValuesOf(newer, channel));
  expect(change).toEqual({
    name: "Shop",
    silence_hours: 12,
    settings: {
      welcome_message: "Hi",
      offline_message: null,
      allowed_origins: ["https://shop.example"],
      pre_chat_form: { enabled: true, fields: [{ name: "email", label: "E-mail", required: true, type: "text" }] },
      widget_config: { color: "#112233", position: "bottom-left", launcher_text: "Chat", theme: "dark" },
    },
  });
});

describe("the secret", () => {
  const values = chatValuesOf(older, channel);
  test.each([
    [undefined, undefined],
    ["", undefined],
    [null, { identity_secret: null }],
    ["a-secret-of-sixteen", { identity_secret: "a-secret-of-sixteen" }],
  ])("%j sends %j", (identity_secret, credentials) => {
    expect(chatChangeOf(older, channel, { ...values, identity_secret }).credentials).toEqual(credentials);
  });
});

test("an older hub is not sent what it would refuse", () => {
  const values = { ...chatValuesOf(older, null), name: "New" };
  values.questions = [{ name: "a", label: "A", required: false, type: "select", options: ["x"] }];
  expect(newChatOf(older, values).settings).toMatchObject({
    pre_chat_form: { fields: [{ name: "a", label: "A", required: false }] },
  });
  expect(newChatOf(newer, values).settings).toMatchObject({
    pre_chat_form: { fields: [{ type: "select", options: ["x"] }] },
  });
});

test.each([
  ["credentials.identity_secret", "identity_secret"],
  ["settings.widget_config.color", "color"],
  ["settings.widget_config.theme", "moreLook.theme"],
  ["settings.pre_chat_form.fields.1.label", "questions.1.label"],
  ["settings.allowed_origins.0", "allowed_origins.0"],
  ["settings.team_name", "more.team_name"],
  ["name", "name"],
])("a refusal of %s stands at %s", (hub, form) => expect(fieldOf(newer, hub)).toBe(form));

test("origins are what the hub compares", () => {
  const good = [
    "https://shop.example",
    "http://localhost:3000",
    "shop.example",
    "*.example.com",
    "https://*.example.com",
  ];
  expect(good.filter((word) => !isOrigin(word))).toEqual([]);
  expect(["ftp://x.example", "shop example", "https://", "shop.example:80"].filter(isOrigin)).toEqual([]);
  expect(originOf("https://Shop.example/cart?x=1")).toBe("https://shop.example");
  expect(originOf("shop.example/cart")).toBe("shop.example");
});

test("a question is named by its label", () => {
  expect(nameFrom("Order number", 0)).toBe("order_number");
  expect(nameFrom("  Prénom? ", 0)).toBe("prenom");
  expect(nameFrom("ስም", 2)).toBe("question_3");
});
