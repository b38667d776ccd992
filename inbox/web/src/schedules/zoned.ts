/** The offset of a zone at a moment, in milliseconds. */
function offsetAt(moment: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(moment);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return wall - Math.floor(moment / 1000) * 1000;
}

/**
 * The moment at which clocks in `zone` show `local` (`2026-12-01T08:00`). As RFC 5545 has it: of two such moments the
 * first, and a time that the clocks skip is read with the offset before the jump. `null`: `local` is no time.
 */
export function momentOf(local: string, zone: string): Date | null {
  const wall = Date.parse(`${local}Z`);
  if (Number.isNaN(wall)) return null;
  // a day on either side lies beyond any change of the clocks near it
  const [before, after] = [offsetAt(wall - 86_400_000, zone), offsetAt(wall + 86_400_000, zone)];
  const first = new Date(wall - before);
  if (offsetAt(first.getTime(), zone) === before) return first;
  const second = new Date(wall - after);
  return offsetAt(second.getTime(), zone) === after ? second : first;
}

/** What clocks in `zone` show at a moment, as an input for date and time holds it. */
export function wallOf(moment: Date, zone: string): string {
  return new Date(moment.getTime() + offsetAt(moment.getTime(), zone)).toISOString().slice(0, 16);
}
