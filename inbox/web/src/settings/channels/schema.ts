// Forms from a provider's JSON Schemas: what the hub checks (`inbox/model/src/profile/schema.rs`) is what is read
// here, so that a new provider needs no page of its own.

import i18next, { type TFunction } from "i18next";
import { z } from "zod";

export interface JsonSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  format?: string;
  readOnly?: boolean;
  "x-secret"?: boolean | string;
  "x-pattern-hint"?: string;
  "x-rare"?: boolean;
}

export interface FieldModel {
  name: string;
  kind: "text" | "secret" | "integer" | "number" | "flag" | "maybe" | "choice" | "words" | "group" | "json";
  description: string;
  required: boolean;
  /** Found out by the hub; shown and never sent. */
  readOnly: boolean;
  options: string[];
  fields: FieldModel[];
  standard: unknown;
  schema: JsonSchema;
}

/** Without the `null` that stands beside every optional field. */
function plain(schema: JsonSchema): JsonSchema {
  const choices = schema.anyOf ?? schema.oneOf;
  const others = choices?.filter((choice) => choice.type !== "null");
  if (others?.length === 1 && others[0]) return { ...schema, anyOf: undefined, oneOf: undefined, ...plain(others[0]) };
  const types = Array.isArray(schema.type) ? schema.type.filter((type) => type !== "null") : null;
  return types?.length === 1 && types[0] ? { ...schema, type: types[0] } : schema;
}

const isNullable = ({ type, anyOf, oneOf }: JsonSchema): boolean =>
  (Array.isArray(type) && type.includes("null")) || Boolean((anyOf ?? oneOf)?.some((choice) => choice.type === "null"));

function wordsOf(schema: JsonSchema): string[] {
  const choices = schema.oneOf ?? schema.anyOf;
  const words = schema.enum ?? choices?.flatMap((choice) => choice.enum ?? [choice.const]);
  return words?.every((word) => typeof word === "string") ? words : [];
}

function kindOf(schema: JsonSchema, nullable: boolean): FieldModel["kind"] {
  if (schema["x-secret"]) return "secret";
  if (wordsOf(schema).length) return "choice";
  switch (schema.type) {
    case "string":
      return "text";
    case "integer":
      return "integer";
    case "number":
      return "number";
    case "boolean":
      return nullable ? "maybe" : "flag";
    case "array":
      return schema.items && plain(schema.items).type === "string" ? "words" : "json";
    case "object":
      return schema.properties ? "group" : "json";
    default:
      return "json";
  }
}

/** The fields of an object's schema: required ones first, otherwise as they are declared. */
export function fieldsOf(schema: unknown): FieldModel[] {
  const { properties = {}, required = [] } = (schema ?? {}) as JsonSchema;
  const fields = Object.entries(properties).map(([name, told]): FieldModel => {
    const property = plain(told);
    const description = property.description ?? "";
    const kind = kindOf(property, isNullable(told));
    return {
      name,
      kind,
      description,
      required: required.includes(name),
      readOnly: property.readOnly === true || description.startsWith("Filled in by verification"),
      options: kind === "words" && property.items ? wordsOf(plain(property.items)) : wordsOf(property),
      fields: kind === "group" ? fieldsOf(property) : [],
      standard: property.default,
      schema: property,
    };
  });
  return [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];
}

export type Values = Record<string, unknown>;

/** What the form begins with: what is stored, or the schema's standard. A stored secret begins as "unchanged". */
export function valuesOf(fields: FieldModel[], stored: Values): Values {
  return Object.fromEntries(fields.map((field) => [field.name, valueOf(field, stored[field.name])]));
}

function valueOf(field: FieldModel, stored: unknown): unknown {
  const value = stored ?? field.standard;
  switch (field.kind) {
    case "secret":
      return stored ? undefined : "";
    case "flag":
      return value === true;
    case "maybe":
      return typeof value === "boolean" ? String(value) : "auto";
    case "words":
      return Array.isArray(value) ? value : [];
    case "group":
      return valuesOf(field.fields, (value ?? {}) as Values);
    case "json":
      return value === undefined || value === null ? "" : JSON.stringify(value, null, 2);
    default:
      return value === undefined || value === null ? "" : String(value);
  }
}

/** The value of one field as the hub takes it; `undefined` for one that is not set. */
function sent(field: FieldModel, value: unknown): unknown {
  switch (field.kind) {
    case "secret":
      return value === "" ? undefined : value;
    case "flag":
      return value === true;
    case "maybe":
      return value === "auto" ? undefined : value === "true";
    case "integer":
    case "number":
      return value === "" || value === null || value === undefined ? undefined : Number(value);
    case "words":
      return value;
    case "group":
      return wireOf(field.fields, value as Values);
    case "json":
      return value === "" ? undefined : (JSON.parse(String(value)) as unknown);
    default:
      return String(value ?? "").trim() || undefined;
  }
}

/** Everything that is set, for something new. */
export function wireOf(fields: FieldModel[], values: Values): Values {
  const wire: Values = {};
  for (const field of fields) {
    const value = field.readOnly ? undefined : sent(field, values[field.name]);
    if (value !== undefined && value !== null) wire[field.name] = value;
  }
  return wire;
}

/** What changed, for something stored: `null` takes a field away, secrets that were not touched are left out. */
export function patchOf(fields: FieldModel[], values: Values, stored: Values): Values {
  const patch: Values = {};
  for (const field of fields) {
    if (field.readOnly) continue;
    const value = values[field.name];
    if (field.kind === "secret") {
      if (value === null) patch[field.name] = null;
      else if (value) patch[field.name] = value;
      continue;
    }
    const now = sent(field, value);
    const before = sent(field, valueOf(field, stored[field.name]));
    if (JSON.stringify(now) !== JSON.stringify(before)) patch[field.name] = now ?? null;
  }
  return patch;
}

/** The rules of the form, with texts for its readers. `stored` secrets need not be typed again. */
export function rulesOf(fields: FieldModel[], t: TFunction<"settings">): z.ZodType<Values> {
  const shape = Object.fromEntries(fields.map((field) => [field.name, ruleOf(field, t)]));
  return z.looseObject(shape) as unknown as z.ZodType<Values>;
}

function ruleOf(field: FieldModel, t: TFunction<"settings">): z.ZodType {
  if (field.readOnly) return z.unknown();
  switch (field.kind) {
    case "group":
      return rulesOf(field.fields, t);
    case "flag":
    case "maybe":
    case "choice":
      return z.unknown();
    case "words":
      return z.array(z.string()).superRefine((words, context) => {
        const { options, schema } = field;
        const odd = options.length ? words.find((word) => !options.includes(word)) : undefined;
        if (odd !== undefined) refuse(context, t("errors.one_of", { word: odd, words: options.join(", ") }));
        if (schema.maxItems !== undefined && words.length > schema.maxItems) {
          refuse(context, t("errors.too_many", { count: schema.maxItems }));
        }
      });
    case "json":
      return z.string().superRefine((text, context) => {
        if (text !== "" && !isJson(text)) refuse(context, t("errors.json"));
      });
    case "integer":
    case "number":
      return z.union([z.string(), z.number()]).superRefine((value, context) => {
        const message = numberError(field, value, t);
        if (message) refuse(context, message);
      });
    default:
      // a secret is unchanged (undefined), to be removed (null) or new
      return z
        .string()
        .nullish()
        .superRefine((value, context) => {
          if (value === undefined) return;
          const message = textError(field, value ?? "", t);
          if (message) refuse(context, message);
        });
  }
}

function refuse(context: z.core.$RefinementCtx, message: string) {
  context.addIssue({ code: "custom", message });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function numberError(field: FieldModel, value: string | number, t: TFunction<"settings">): string | null {
  if (value === "") return field.required ? t("errors.required") : null;
  const { minimum: least, maximum: most } = field.schema;
  const number = Number(value);
  if (!Number.isFinite(number)) return t("errors.number");
  if (field.kind === "integer" && !Number.isInteger(number)) return t("errors.whole_number");
  if (least !== undefined && most !== undefined && (number < least || number > most)) {
    return t("errors.between", { least, most });
  }
  if (least !== undefined && number < least) return t("errors.at_least", { least });
  if (most !== undefined && number > most) return t("errors.at_most", { most });
  return null;
}

function textError(field: FieldModel, value: string, t: TFunction<"settings">): string | null {
  const text = value.trim();
  if (text === "") return field.required ? t("errors.required") : null;
  const { minLength, maxLength, pattern, format } = field.schema;
  const length = [...text].length;
  if (minLength !== undefined && length < minLength) return t("errors.too_short", { count: minLength });
  if (maxLength !== undefined && length > maxLength) return t("errors.too_long", { count: maxLength });
  if (pattern && !new RegExp(pattern, "u").test(text)) {
    return field.schema["x-pattern-hint"] ?? t("errors.pattern");
  }
  if (format === "uri" && !/^https?:\/\/[^\s/]\S*$/.test(text)) return t("errors.address");
  return null;
}

/**
 * What a provider says, in the reader's language: its texts come with its schema in English, and the catalogue
 * `providers` has them again by themselves. A test of the hub wants every one of them there.
 */
export function said(text: string): string {
  if (!i18next.isInitialized) return text;
  const told: unknown = i18next.getResource(i18next.language, "providers", text, { keySeparator: false });
  return typeof told === "string" ? told : text;
}

/** `bot_token` as people read it. */
export function labelOf(name: string, t: TFunction<"settings">): string {
  const words = name
    .replaceAll("_", " ")
    .replace(/\b(sid|api|url|id|mms|ms|sms|imap|smtp)\b/g, (word) => word.toUpperCase());
  const own = said(name);
  const usual = own === name ? words.charAt(0).toUpperCase() + words.slice(1) : own;
  return t(`channel_fields.${name}`, { defaultValue: usual });
}
