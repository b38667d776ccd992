// A web chat's settings as the form holds them, and as the hub takes them.

import type { TFunction } from "i18next";
import { z } from "zod";

import type { Channel, Profile } from "../channels/data";
import { numberOf } from "../channels/form";
import {
  fieldsOf,
  patchOf,
  rulesOf,
  valuesOf as schemaValues,
  wireOf,
  type FieldModel,
  type JsonSchema,
  type Values,
} from "../channels/schema";
import { rules } from "../common/rules";

export interface Question {
  /** Its name in the contact's data. */
  name: string;
  label: string;
  required: boolean;
  type: string;
  options: string[];
}

export interface ChatValues {
  name: string;
  color: string;
  position: "bottom-right" | "bottom-left";
  launcher_text: string;
  welcome_message: string;
  offline_message: string;
  allowed_origins: string[];
  asks: boolean;
  questions: Question[];
  identity_secret: string | null | undefined;
  silence_hours: string | number | null;
  /** What the hub's schema has beyond these. */
  more: Values;
  moreLook: Values;
}

export interface ChatModel {
  more: FieldModel[];
  moreLook: FieldModel[];
  /** Kinds of questions; none where the hub knows only texts. */
  types: string[];
}

const KNOWN = ["public_key", "welcome_message", "offline_message", "pre_chat_form", "widget_config", "allowed_origins"];
const KNOWN_LOOK = ["color", "position", "launcher_text"];

/** What this hub's web chats can be told. */
export function chatModelOf(profile: Profile): ChatModel {
  const settings = (profile.settings_schema ?? {}) as JsonSchema;
  const question = fieldsOf(questionSchema(settings.properties?.pre_chat_form));
  return {
    more: fieldsOf(settings).filter((field) => !KNOWN.includes(field.name)),
    moreLook: fieldsOf(settings.properties?.widget_config).filter((field) => !KNOWN_LOOK.includes(field.name)),
    types: question.find((field) => field.name === "type")?.options ?? [],
  };
}

function questionSchema(form: JsonSchema | undefined): JsonSchema | undefined {
  const plain = form?.anyOf?.find((choice) => choice.properties) ?? form;
  return plain?.properties?.fields?.items;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

interface Stored {
  welcome_message?: string | null;
  offline_message?: string | null;
  allowed_origins?: string[];
  pre_chat_form?: { enabled?: boolean; fields?: Partial<Question>[] } | null;
  widget_config?: Values;
}

export function chatValuesOf(model: ChatModel, channel: Channel | null): ChatValues {
  const stored = (channel?.settings ?? {}) as Stored;
  const look = stored.widget_config ?? {};
  return {
    name: channel?.name ?? "",
    color: text(look.color) || "#4F46E5",
    position: look.position === "bottom-left" ? "bottom-left" : "bottom-right",
    launcher_text: channel ? text(look.launcher_text) : "Chat with us",
    welcome_message: text(stored.welcome_message),
    offline_message: text(stored.offline_message),
    allowed_origins: stored.allowed_origins ?? [],
    asks: stored.pre_chat_form?.enabled === true,
    questions: (stored.pre_chat_form?.fields ?? []).map((field) => ({
      name: field.name ?? "",
      label: field.label ?? "",
      required: field.required === true,
      type: field.type ?? "text",
      options: field.options ?? [],
    })),
    identity_secret: secretOf(channel) ? undefined : "",
    silence_hours: channel?.silence_hours ?? "",
    more: schemaValues(model.more, stored as Values),
    moreLook: schemaValues(model.moreLook, look),
  };
}

/** The stored identity secret as it is shown. */
export const secretOf = (channel: Channel | null): string | null =>
  text((channel?.credentials as Values | undefined)?.identity_secret) || null;

function settingsOf(model: ChatModel, values: ChatValues): Values {
  const questions = values.questions.map(({ name, label, required, type, options }) => ({
    name,
    label,
    required,
    ...(model.types.includes(type) && { type }),
    ...(type === "select" && model.types.includes("select") && { options }),
  }));
  return {
    welcome_message: values.welcome_message || null,
    offline_message: values.offline_message || null,
    allowed_origins: values.allowed_origins,
    pre_chat_form: { enabled: values.asks, fields: questions },
    widget_config: {
      color: values.color,
      position: values.position,
      launcher_text: values.launcher_text,
      ...wireOf(model.moreLook, values.moreLook),
    },
  };
}

export function newChatOf(model: ChatModel, values: ChatValues) {
  return {
    name: values.name,
    channel_type: "webchat" as const,
    silence_hours: numberOf(values.silence_hours),
    settings: { ...settingsOf(model, values), ...wireOf(model.more, values.more) },
    credentials: values.identity_secret ? { identity_secret: values.identity_secret } : {},
  };
}

export function chatChangeOf(model: ChatModel, channel: Channel, values: ChatValues) {
  const { identity_secret } = values;
  return {
    name: values.name,
    silence_hours: numberOf(values.silence_hours),
    settings: { ...settingsOf(model, values), ...patchOf(model.more, values.more, channel.settings as Values) },
    // an empty box changes nothing
    ...((identity_secret === null || identity_secret) && { credentials: { identity_secret } }),
  };
}

/** The form's field for one of the hub's. */
export function fieldOf(model: ChatModel, field: string): string {
  const path = field
    .replace(/^credentials\.identity_secret$/, "identity_secret")
    .replace(/^settings\.pre_chat_form\.enabled$/, "asks")
    .replace(/^settings\.pre_chat_form\.fields/, "questions")
    .replace(/^settings\.pre_chat_form$/, "questions")
    .replace(/^settings\.widget_config\.(.+)$/, (_, name: string) =>
      KNOWN_LOOK.includes(name) ? name : `moreLook.${name}`,
    );
  const [, name] = /^settings\.([^.]+)/.exec(path) ?? [];
  if (!name) return path;
  return model.more.some((one) => one.name === name)
    ? path.replace("settings.", "more.")
    : path.replace("settings.", "");
}

/** `https://shop.example`, `shop.example` or `*.example.com`, as the hub compares them. */
const ORIGIN = /^(https?:\/\/)?(\*\.)?([a-z0-9-]+\.)*[a-z0-9-]+(:\d{1,5})?$/i;

export function isOrigin(word: string): boolean {
  return ORIGIN.test(word) && (word.includes("://") || !/:\d+$/.test(word));
}

/** What people paste is often a whole address. */
export function originOf(word: string): string {
  const lower = word.toLowerCase();
  return lower.includes("://") ? lower.replace(/^(https?:\/\/[^/]+)\/.*$/, "$1") : lower.replace(/\/.*$/, "");
}

/** A question's name from its label: "Order number" is `order_number`. Other scripts get a number. */
export function nameFrom(label: string, index: number): string {
  const name = label
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[_0-9]+|_+$/g, "")
    .slice(0, 64);
  return name || `question_${index + 1}`;
}

export function chatSchema(model: ChatModel, t: TFunction<"settings">) {
  const rule = rules(t);
  const question = z
    .object({
      name: z
        .string()
        .trim()
        .min(1, t("errors.required"))
        .max(64, t("errors.too_long", { count: 64 }))
        .regex(/^[A-Za-z][A-Za-z0-9_]*$/, t("webchat.errors.field_name")),
      label: rule.text(255),
      required: z.boolean(),
      type: z.string(),
      options: z.array(z.string()),
    })
    .refine(({ type, options }) => type !== "select" || options.length > 0, {
      path: ["options"],
      message: t("webchat.errors.options"),
    });
  return z.object({
    name: rule.text(255),
    color: rule.color(),
    position: z.enum(["bottom-right", "bottom-left"]),
    launcher_text: rule.optional(100),
    welcome_message: rule.optional(2000),
    offline_message: rule.optional(2000),
    allowed_origins: z
      .array(z.string())
      .max(100, t("errors.too_many", { count: 100 }))
      .superRefine((origins, context) => {
        const odd = origins.find((origin) => !isOrigin(origin));
        if (odd !== undefined)
          context.addIssue({ code: "custom", message: t("webchat.errors.origin", { origin: odd }) });
      }),
    asks: z.boolean(),
    questions: z.array(question).superRefine((questions, context) => {
      questions.forEach(({ name }, index) => {
        const first = questions.findIndex((other) => other.name === name);
        if (name && first !== index) {
          context.addIssue({ code: "custom", path: [index, "name"], message: t("webchat.errors.twice") });
        }
      });
    }),
    identity_secret: z
      .string()
      .nullish()
      .refine((secret) => !secret || (secret.length >= 16 && secret.length <= 256), t("webchat.errors.secret")),
    silence_hours: rule.number(0, 2160),
    more: rulesOf(model.more, t),
    moreLook: rulesOf(model.moreLook, t),
  });
}
