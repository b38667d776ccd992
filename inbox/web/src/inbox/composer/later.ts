export interface Moment {
  name: "hour" | "tomorrow" | "monday";
  at: Date;
}

const MORNING = 9;

/** Moments that people mean when they say "later", soonest first. */
export function moments(now: Date): Moment[] {
  const morning = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING);
  // on a Monday the next one is meant; on a Sunday it is tomorrow, which is there already
  const untilMonday = (8 - now.getDay()) % 7 || 7;
  return [
    { name: "hour", at: new Date(now.getTime() + 3_600_000) },
    { name: "tomorrow", at: morning(1) },
    ...(untilMonday > 1 ? [{ name: "monday" as const, at: morning(untilMonday) }] : []),
  ];
}

/** As an input for date and time holds it: in the reader's own zone, to the minute. */
export function localTime(at: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
