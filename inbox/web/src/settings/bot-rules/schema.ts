import type { TFunction } from "i18next";
import { z } from "zod";

import { DAYS, minutesOf } from "../availability/hours";
import { CHANNEL_TYPES } from "../common/channels";
import { rules } from "../common/rules";
import { NO_TEAM, PRIORITIES, STATUSES, STRATEGIES, TRIGGERS, type RuleValues } from "./wire";

/** What the form refuses before it asks the hub, which has the last word. */
export function ruleSchema(t: TFunction<"settings">) {
  const rule = rules(t);
  const language = z.string().regex(/^[a-z]{2,3}$/, t("errors.language"));
  const shape = z.object({
    name: rule.text(255),
    description: rule.optional(500),
    is_active: z.boolean(),
    trigger_type: z.enum(TRIGGERS),
    keywords: z
      .array(z.string().max(200, t("errors.too_long", { count: 200 })))
      .max(500, t("errors.too_many", { count: 500 })),
    match_mode: z.enum(["any", "all"]),
    case_sensitive: z.boolean(),
    whole_word: z.boolean(),
    has_time: z.boolean(),
    start: z.string(),
    end: z.string(),
    timezone: z.string(),
    days: z.array(z.enum(DAYS)),
    only_first_message: z.boolean(),
    channels: z.array(z.enum(CHANNEL_TYPES)),
    exclude_channels: z.array(z.enum(CHANNEL_TYPES)),
    language: z.array(language),
    reply: z.enum(["none", "text", "template"]),
    reply_text: z.string().max(10_000, t("errors.too_long", { count: 10_000 })),
    reply_template_id: z.string(),
    set_labels: z
      .array(z.string().max(100, t("errors.too_long", { count: 100 })))
      .max(50, t("errors.too_many", { count: 50 })),
    set_priority: z.enum(PRIORITIES),
    set_status: z.enum(STATUSES),
    routes: z.boolean(),
    assign_team_id: z.string(),
    assign_strategy: z.enum(STRATEGIES),
    hand_off: z.boolean(),
  });
  return shape.superRefine((values: RuleValues, context) => {
    const refuse = (field: keyof RuleValues, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    if (values.trigger_type === "keyword" && values.keywords.length === 0) refuse("keywords", t("bot.errors.keywords"));
    if (values.trigger_type === "time_based") {
      if (values.has_time && minutesOf(values.start) === null) refuse("start", t("errors.time"));
      if (values.has_time && minutesOf(values.end) === null) refuse("end", t("errors.time"));
      if (!values.has_time && values.days.length === 0) refuse("days", t("errors.one_day"));
    }
    if (values.reply === "text" && !values.reply_text.trim()) refuse("reply_text", t("errors.required"));
    if (values.reply === "template" && !values.reply_template_id) refuse("reply_template_id", t("errors.choose"));
    if (!values.routes) return;
    const names = values.assign_team_id !== NO_TEAM || values.assign_strategy !== "usual" || values.hand_off;
    if (!names) refuse("assign_team_id", t("bot.errors.route"));
    const ends = values.set_status === "resolved" || values.set_status === "closed";
    if (ends || (values.set_status === "bot" && values.hand_off)) refuse("set_status", t("bot.errors.status"));
  });
}
