import { useTranslation } from "react-i18next";

import { useTeams } from "@/api/lookups";
import { Badge } from "@/ui";
import { useTemplates } from "./ActionFields";
import { NO_TEAM, valuesOf, type Rule } from "./wire";

type Summed = Parameters<typeof valuesOf>[0];

/** When a rule holds, in a line. */
export function Condition({ rule }: { rule: Summed }) {
  const { t } = useTranslation("settings");
  const values = valuesOf(rule);
  const parts: string[] = [];
  if (values.trigger_type === "keyword") {
    const join = values.match_mode === "all" ? t("bot.sum.and") : t("bot.sum.or");
    const words = values.keywords.slice(0, 4).map((word) => `“${word}”`);
    const more = values.keywords.length - words.length;
    parts.push(words.join(` ${join} `) + (more > 0 ? ` ${t("bot.sum.more", { count: more })}` : ""));
  }
  if (values.trigger_type === "time_based") {
    if (values.has_time) parts.push(`${values.start}–${values.end}`);
    if (values.days.length) parts.push(values.days.map((day) => t(`days.${day}`)).join(", "));
    parts.push(values.timezone.replaceAll("_", " "));
  }
  if (values.trigger_type === "new_conversation") {
    parts.push(values.only_first_message ? t("bot.sum.first") : t("bot.sum.first_or_reopened"));
  }
  if (values.trigger_type === "fallback") parts.push(t("bot.sum.always"));
  const types = (list: typeof values.channels) => list.map((type) => t(`channel_types.${type}`)).join(", ");
  if (values.channels.length) parts.push(t("bot.sum.on", { channels: types(values.channels) }));
  if (values.exclude_channels.length) parts.push(t("bot.sum.not_on", { channels: types(values.exclude_channels) }));
  if (values.language.length) parts.push(t("bot.sum.in", { languages: values.language.join(", ") }));
  return <>{parts.join(" · ") || t("bot.sum.every_message")}</>;
}

/** What a rule does, as badges. */
export function Deeds({ rule }: { rule: Summed }) {
  const { t } = useTranslation("settings");
  const teams = useTeams();
  const templates = useTemplates();
  const values = valuesOf(rule);
  const team = teams.find(({ id }) => id === values.assign_team_id)?.name ?? t("bot.sum.a_team");
  const template = templates.find(({ id }) => id === values.reply_template_id)?.name ?? t("bot.sum.a_template");
  return (
    <span className="flex min-w-0 flex-wrap gap-1.5">
      {values.reply === "text" && (
        <Badge tone="purple">{t("bot.sum.answers", { text: short(values.reply_text) })}</Badge>
      )}
      {values.reply === "template" && <Badge tone="purple">{t("bot.sum.template", { name: template })}</Badge>}
      {values.set_labels.map((label) => (
        <Badge key={label} tone="teal">
          {t("bot.sum.label", { name: label })}
        </Badge>
      ))}
      {values.set_priority !== "keep" && (
        <Badge tone="orange">{t("bot.sum.priority", { priority: t(`bot.priorities.${values.set_priority}`) })}</Badge>
      )}
      {values.set_status !== "keep" && (
        <Badge>{t("bot.sum.status", { status: t(`bot.statuses.${values.set_status}`) })}</Badge>
      )}
      {values.routes && (
        <Badge tone="blue">
          {values.assign_team_id === NO_TEAM ? t("bot.sum.to_people") : t("bot.sum.to_team", { team })}
          {values.assign_strategy !== "usual" && ` · ${t(`bot.strategies.${values.assign_strategy}`)}`}
        </Badge>
      )}
      {values.hand_off && <Badge tone="blue">{t("bot.sum.hand_off")}</Badge>}
      {Object.keys((rule.actions ?? {}) as object).length === 0 && <Badge>{t("bot.sum.nothing")}</Badge>}
    </span>
  );
}

const short = (text: string) => (text.length > 40 ? `${text.slice(0, 38)}…` : text);

export type { Rule };
