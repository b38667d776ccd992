/** How a schedule repeats, as its form holds it. */
export interface Repeat {
  kind: "once" | "daily" | "weekly" | "monthly" | "rule";
  days: Day[];
  /** Days of the month. */
  dates: number[];
  /** A rule of RFC 5545. */
  rule: string;
}

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];

export const ONCE: Repeat = { kind: "once", days: [], dates: [], rule: "" };

/** The rule as the hub takes it; `null`: once. */
export function formatRule({ kind, days, dates, rule }: Repeat): string | null {
  switch (kind) {
    case "once":
      return null;
    case "daily":
      return "daily";
    case "weekly":
      return `weekly:${DAYS.filter((day) => days.includes(day)).join(",")}`;
    case "monthly":
      return `monthly:${[...dates].sort((a, b) => a - b).join(",")}`;
    case "rule":
      return rule.trim();
  }
}

/** A stored rule as the form shows it; what is none of the short ones stays as it was written. */
export function parseRule(text: string | null): Repeat {
  if (!text) return ONCE;
  if (text === "daily") return { ...ONCE, kind: "daily" };
  const [kind, list = ""] = text.split(":");
  const parts = list.split(",");
  const days = DAYS.filter((day) => parts.includes(day));
  if (kind === "weekly" && days.length === parts.length) return { ...ONCE, kind, days };
  const dates = parts.map(Number);
  if (kind === "monthly" && dates.every((date) => Number.isInteger(date) && date >= 1 && date <= 31)) {
    return { ...ONCE, kind, dates };
  }
  return { ...ONCE, kind: "rule", rule: text };
}

export const isWhole = ({ kind, days, dates, rule }: Repeat): boolean =>
  (kind !== "weekly" || days.length > 0) &&
  (kind !== "monthly" || dates.length > 0) &&
  (kind !== "rule" || rule.trim() !== "");
