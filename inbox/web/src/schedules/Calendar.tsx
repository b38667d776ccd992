import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { cx, IconButton, useReadOnly } from "@/ui";

interface CalendarProps {
  /** `2026-12-01`. */
  value: string;
  onChange: (day: string) => void;
  /** Days on which something happens. */
  marked: readonly string[];
  /** The first day that can be chosen. */
  least: string;
}

const two = (part: number) => String(part).padStart(2, "0");
const keyOf = (year: number, month: number, day: number) => `${year}-${two(month + 1)}-${two(day)}`;

/** A month of days, to choose one and to see on which the schedule fires. */
export function Calendar({ value, onChange, marked, least }: CalendarProps) {
  const { t, i18n } = useTranslation("sending");
  const readOnly = useReadOnly();
  const [shown, show] = useState(value.slice(0, 7));
  useEffect(() => {
    if (/^\d{4}-\d{2}/.test(value)) show(value.slice(0, 7));
  }, [value]);
  const [year = 2026, month = 1] = shown.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 1, 1));
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  // weeks begin on Monday
  const lead = (first.getUTCDay() + 6) % 7;
  const move = (by: number) => {
    const to = new Date(Date.UTC(year, month - 1 + by, 1));
    show(keyOf(to.getUTCFullYear(), to.getUTCMonth(), 1).slice(0, 7));
  };
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(i18n.language, { ...options, timeZone: "UTC" });
  const weekday = format({ weekday: "short" });
  const long = format({ dateStyle: "full" });
  return (
    <div className="w-full max-w-72" role="group" aria-label={t("calendar.label")}>
      <div className="mb-1 flex items-center justify-between">
        <IconButton size="sm" label={t("calendar.previous")} icon={<ChevronLeft />} onClick={() => move(-1)} />
        <p className="font-medium" aria-live="polite">
          {format({ month: "long", year: "numeric" }).format(first)}
        </p>
        <IconButton size="sm" label={t("calendar.next")} icon={<ChevronRight />} onClick={() => move(1)} />
      </div>
      <div className="grid grid-cols-7 gap-0.5 text-center">
        {Array.from({ length: 7 }, (_, day) => (
          <span key={day} aria-hidden className="py-1 text-xs text-faint">
            {weekday.format(new Date(Date.UTC(2026, 5, 1 + day)))}
          </span>
        ))}
        {Array.from({ length }, (_, index) => {
          const key = keyOf(year, month - 1, index + 1);
          const isMarked = marked.includes(key);
          const isChosen = key === value;
          return (
            <button
              key={key}
              type="button"
              disabled={readOnly || key < least}
              aria-pressed={isChosen}
              aria-label={
                long.format(new Date(Date.UTC(year, month - 1, index + 1))) +
                (isMarked ? `, ${t("calendar.fires")}` : "")
              }
              onClick={() => onChange(key)}
              style={index === 0 ? { gridColumnStart: lead + 1 } : undefined}
              className={cx(
                "relative flex aspect-square items-center justify-center rounded-lg tabular-nums hover:bg-hover disabled:opacity-40",
                isMarked && "font-semibold text-blue",
                isChosen && "bg-brand text-on-brand hover:bg-brand-strong",
              )}
            >
              {index + 1}
              {isMarked && (
                <span
                  aria-hidden
                  className={cx("absolute bottom-1 size-1 rounded-full", isChosen ? "bg-on-brand" : "bg-blue")}
                />
              )}
            </button>
          );
        })}
      </div>
    </div>
  );
}
