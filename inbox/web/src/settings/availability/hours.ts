// Weekly hours as the form holds them, as the hub takes them, and as the week is drawn.

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];

export interface Block {
  days: Day[];
  /** `HH:MM` */
  start: string;
  /** `HH:MM`; at or before the start it lies on the next day. */
  end: string;
}

export interface Hours {
  /** Otherwise: always. */
  limited: boolean;
  timezone: string;
  blocks: Block[];
}

/** `available_hours` of the REST API; `null` is always. */
export type WireHours = {
  schedule: Block[];
  timezone: string;
};

export const localZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export const officeHours = (): Block => ({ days: ["mon", "tue", "wed", "thu", "fri"], start: "08:00", end: "17:00" });

export function hoursOf(wire: WireHours | null | undefined): Hours {
  if (!wire) return { limited: false, timezone: localZone(), blocks: [officeHours()] };
  return {
    // a schedule without blocks restricts nothing
    limited: wire.schedule.length > 0,
    timezone: wire.timezone,
    blocks: wire.schedule.length
      ? wire.schedule.map((block) => ({ ...block, end: block.end === "24:00" ? "00:00" : block.end }))
      : [officeHours()],
  };
}

export function wireOf(hours: Hours): WireHours | null {
  if (!hours.limited) return null;
  const schedule = hours.blocks.map(({ days, start, end }) => ({
    days: DAYS.filter((day) => days.includes(day)),
    start,
    end: end === "00:00" ? "24:00" : end,
  }));
  return { schedule, timezone: hours.timezone };
}

/** Minutes since midnight; `null` for what is no time of day. */
export function minutesOf(time: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time);
  return match ? Number(match[1]) * 60 + Number(match[2]) : null;
}

const DAY = 24 * 60;

/** Whether a block runs over midnight into the next day. */
export function isOvernight({ start, end }: Block): boolean {
  const [from, to] = [minutesOf(start), minutesOf(end)];
  return from !== null && to !== null && to !== 0 && to <= from;
}

/** For each day of the week the minutes in which it is open, in order and without overlap. */
export function weekOf(blocks: Block[]): [number, number][][] {
  const week: [number, number][][] = DAYS.map(() => []);
  for (const block of blocks) {
    const [from, to] = [minutesOf(block.start), minutesOf(block.end)];
    if (from === null || to === null) continue;
    for (const day of block.days) {
      const index = DAYS.indexOf(day);
      if (to > from) {
        week[index]?.push([from, to]);
      } else {
        week[index]?.push([from, DAY]);
        if (to > 0) week[(index + 1) % 7]?.push([0, to]);
      }
    }
  }
  return week.map(merged);
}

function merged(intervals: [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
