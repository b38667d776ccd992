import { Repeat } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Schedule } from "./data";
import { parseRule } from "./rule";

/** How a schedule repeats, in words; a rule that has none is shown as it is. */
export function Recurrence({ of }: { of: Pick<Schedule, "recurrence_rule" | "trigger_count" | "is_recurring"> }) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  if (!of.is_recurring) return <span>{t("schedules.once")}</span>;
  const { kind, days, dates, rule } = parseRule(of.recurrence_rule);
  const words = {
    once: t("schedules.once"),
    daily: t("schedules.daily"),
    weekly: t("schedules.weekly_on", { days: days.map((day) => settings(`days.${day}`)).join(", ") }),
    monthly: t("schedules.monthly_on", { dates: dates.join(", ") }),
    rule,
  }[kind];
  return (
    <span className="inline-flex items-center gap-1.5">
      <Repeat aria-hidden className="size-3.5 shrink-0 text-muted" />
      <span className="max-w-56 truncate" title={words}>
        {words}
      </span>
      {of.trigger_count > 0 && <span className="text-xs text-faint tabular-nums">×{of.trigger_count}</span>}
    </span>
  );
}
