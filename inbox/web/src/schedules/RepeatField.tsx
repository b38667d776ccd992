import { useTranslation } from "react-i18next";

import { cx, Field, Input, RadioGroup, useReadOnly } from "@/ui";
import { DAYS, type Repeat } from "./rule";

const KINDS = ["once", "daily", "weekly", "monthly", "rule"] as const;

/** Whether and how it repeats. */
export function RepeatField({ value, onChange }: { value: Repeat; onChange: (value: Repeat) => void }) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const toggle = <T,>(list: T[], item: T) =>
    list.includes(item) ? list.filter((one) => one !== item) : [...list, item];
  return (
    <div className="flex flex-col gap-3">
      <RadioGroup
        look="row"
        label={t("schedules.recurrence")}
        value={value.kind}
        onChange={(kind) => onChange({ ...value, kind })}
        options={KINDS.map((kind) => ({ value: kind, label: t(`schedules.${kind}`) }))}
      />
      {value.kind === "weekly" && (
        <div role="group" aria-label={t("schedules.weekdays")} className="flex flex-wrap gap-1.5">
          {DAYS.map((day) => (
            <Toggle
              key={day}
              label={settings(`days_long.${day}`)}
              isOn={value.days.includes(day)}
              onToggle={() => onChange({ ...value, days: toggle(value.days, day) })}
            >
              {settings(`days.${day}`)}
            </Toggle>
          ))}
        </div>
      )}
      {value.kind === "monthly" && (
        <div role="group" aria-label={t("schedules.dates")} className="grid max-w-80 grid-cols-7 gap-1">
          {Array.from({ length: 31 }, (_, index) => index + 1).map((date) => (
            <Toggle
              key={date}
              label={String(date)}
              isOn={value.dates.includes(date)}
              onToggle={() => onChange({ ...value, dates: toggle(value.dates, date) })}
            >
              {date}
            </Toggle>
          ))}
        </div>
      )}
      {value.kind === "rule" && (
        <Field label={t("schedules.rrule")} hint={t("schedules.rrule_hint")}>
          <Input
            className="font-mono"
            placeholder="FREQ=MONTHLY;BYDAY=-1FR"
            value={value.rule}
            onChange={(event) => onChange({ ...value, rule: event.target.value })}
          />
        </Field>
      )}
    </div>
  );
}

interface ToggleProps {
  label: string;
  isOn: boolean;
  onToggle: () => void;
  children: React.ReactNode;
}

function Toggle({ label, isOn, onToggle, children }: ToggleProps) {
  const readOnly = useReadOnly();
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={isOn}
      disabled={readOnly}
      onClick={onToggle}
      className={cx(
        "flex h-9 min-w-9 items-center justify-center rounded-lg border border-line px-2 text-[0.8125rem] tabular-nums hover:border-field hover:bg-hover disabled:opacity-60",
        isOn && "border-brand bg-blue/12 font-semibold text-blue",
      )}
    >
      {children}
    </button>
  );
}
