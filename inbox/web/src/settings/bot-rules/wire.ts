// A bot rule as the form holds it, and as the hub takes it. The form keeps what was typed for one trigger while
// another is looked at; only what the chosen trigger knows is sent.

import type { Schemas } from "@/api/client";
import { CHANNEL_TYPES, type ChannelType } from "../common/channels";
import { DAYS, localZone, type Day } from "../availability/hours";

export const TRIGGERS = ["keyword", "time_based", "channel", "new_conversation", "fallback"] as const;
export const STRATEGIES = ["usual", "least_busy", "round_robin", "manual_queue"] as const;
export const PRIORITIES = ["keep", "low", "normal", "high", "urgent"] as const;
export const STATUSES = ["keep", "open", "bot", "resolved", "closed"] as const;
/** Stands for no team: Radix gives no item the empty value. */
export const NO_TEAM = "none";

export interface RuleValues {
  name: string;
  description: string;
  is_active: boolean;
  trigger_type: (typeof TRIGGERS)[number];
  keywords: string[];
  match_mode: "any" | "all";
  case_sensitive: boolean;
  whole_word: boolean;
  /** Otherwise the days alone decide. */
  has_time: boolean;
  start: string;
  end: string;
  timezone: string;
  days: Day[];
  only_first_message: boolean;
  channels: ChannelType[];
  exclude_channels: ChannelType[];
  language: string[];
  reply: "none" | "text" | "template";
  reply_text: string;
  reply_template_id: string;
  set_labels: string[];
  set_priority: (typeof PRIORITIES)[number];
  set_status: (typeof STATUSES)[number];
  /** Sends the conversation on to people. */
  routes: boolean;
  assign_team_id: string;
  assign_strategy: (typeof STRATEGIES)[number];
  hand_off: boolean;
}

export type Rule = Schemas["BotRuleView"];
type Wire = Record<string, unknown>;
export interface RuleBody {
  trigger_type: RuleValues["trigger_type"];
  conditions: Wire;
  actions: Wire;
}

export function emptyRule(): RuleValues {
  return {
    name: "",
    description: "",
    is_active: true,
    trigger_type: "keyword",
    keywords: [],
    match_mode: "any",
    case_sensitive: false,
    whole_word: false,
    has_time: true,
    start: "18:00",
    end: "08:00",
    timezone: localZone(),
    days: [],
    only_first_message: true,
    channels: [],
    exclude_channels: [],
    language: [],
    reply: "text",
    reply_text: "",
    reply_template_id: "",
    set_labels: [],
    set_priority: "keep",
    set_status: "keep",
    routes: false,
    assign_team_id: NO_TEAM,
    assign_strategy: "usual",
    hand_off: false,
  };
}

const list = <T extends string>(value: unknown, known?: readonly T[]): T[] =>
  (Array.isArray(value) ? value : typeof value === "string" ? [value] : []).filter(
    (one): one is T => typeof one === "string" && (!known || known.includes(one as T)),
  );
const word = <T extends string>(value: unknown, known: readonly T[], otherwise: T): T =>
  known.includes(value as T) ? (value as T) : otherwise;
const text = (value: unknown): string => (typeof value === "string" ? value : "");

export function valuesOf(
  rule: Pick<Rule, "name" | "description" | "is_active" | "trigger_type"> & { conditions: unknown; actions: unknown },
): RuleValues {
  const conditions = (rule.conditions ?? {}) as Wire;
  const actions = (rule.actions ?? {}) as Wire;
  const range = conditions.time_range as { start?: string; end?: string; tz?: string; timezone?: string } | undefined;
  const usual = emptyRule();
  const template = text(actions.reply_template_id);
  const team = text(actions.assign_team_id);
  const strategy = word(actions.assign_strategy, STRATEGIES, "usual");
  return {
    ...usual,
    name: rule.name,
    description: rule.description ?? "",
    is_active: rule.is_active,
    trigger_type: rule.trigger_type,
    keywords: list(conditions.keywords),
    match_mode: word(conditions.match_mode, ["any", "all"], "any"),
    case_sensitive: conditions.case_sensitive === true,
    whole_word: conditions.whole_word === true,
    has_time: rule.trigger_type !== "time_based" || range !== undefined,
    start: range?.start ?? usual.start,
    // an input of the kind `time` knows no 24:00; the last minute is inside
    end: range?.end === "24:00" ? "23:59" : (range?.end ?? usual.end),
    // the hub reads UTC where none is named
    timezone:
      text(conditions.timezone) ||
      range?.timezone ||
      range?.tz ||
      (rule.trigger_type === "time_based" ? "UTC" : usual.timezone),
    days: list(conditions.days, DAYS),
    only_first_message: conditions.only_first_message !== false,
    channels: list(conditions.channels, CHANNEL_TYPES),
    exclude_channels: list(conditions.exclude_channels, CHANNEL_TYPES),
    language: list(conditions.language),
    reply: template ? "template" : text(actions.reply_text) ? "text" : "none",
    reply_text: text(actions.reply_text),
    reply_template_id: template,
    set_labels: list(actions.set_labels),
    set_priority: word(actions.set_priority, PRIORITIES, "keep"),
    set_status: word(actions.set_status, STATUSES, "keep"),
    routes: team !== "" || strategy !== "usual" || actions.hand_off === true,
    assign_team_id: team || NO_TEAM,
    assign_strategy: strategy,
    hand_off: actions.hand_off === true,
  };
}

function conditionsOf(values: RuleValues): Wire {
  const conditions: Wire = {};
  if (values.trigger_type === "keyword") {
    conditions.keywords = values.keywords;
    conditions.match_mode = values.match_mode;
    conditions.case_sensitive = values.case_sensitive;
    conditions.whole_word = values.whole_word;
  }
  if (values.trigger_type === "time_based") {
    if (values.has_time) conditions.time_range = { start: values.start, end: values.end };
    conditions.timezone = values.timezone;
    if (values.days.length) conditions.days = DAYS.filter((day) => values.days.includes(day));
  }
  if (values.trigger_type === "new_conversation") conditions.only_first_message = values.only_first_message;
  if (values.channels.length) conditions.channels = values.channels;
  if (values.exclude_channels.length) conditions.exclude_channels = values.exclude_channels;
  if (values.language.length) conditions.language = values.language;
  return conditions;
}

function actionsOf(values: RuleValues): Wire {
  const actions: Wire = {};
  if (values.reply === "text") actions.reply_text = values.reply_text;
  if (values.reply === "template") actions.reply_template_id = values.reply_template_id;
  if (values.set_labels.length) actions.set_labels = values.set_labels;
  if (values.set_priority !== "keep") actions.set_priority = values.set_priority;
  if (values.set_status !== "keep") actions.set_status = values.set_status;
  if (values.routes) {
    if (values.assign_team_id !== NO_TEAM) actions.assign_team_id = values.assign_team_id;
    if (values.assign_strategy !== "usual") actions.assign_strategy = values.assign_strategy;
    if (values.hand_off) actions.hand_off = true;
  }
  return actions;
}

export function bodyOf(values: RuleValues): RuleBody {
  return { trigger_type: values.trigger_type, conditions: conditionsOf(values), actions: actionsOf(values) };
}

/** The form's field for one of the hub's. */
export function fieldOf(field: string): string {
  return field
    .replace(/^conditions\.time_range\.(tz|timezone)$/, "timezone")
    .replace(/^conditions\.time_range\.(start|end)$/, "$1")
    .replace(/^conditions\.time_range$/, "start")
    .replace(/^(conditions|actions)\./, "");
}
