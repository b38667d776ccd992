/**
 * How many SMS a text becomes (GSM 03.38). A text of the GSM alphabet has 160 places in one SMS, or 153 in each
 * of several; one character outside of it turns all of the text into UCS-2, with 70, or 67 in each.
 */
const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" +
  "abcdefghijklmnopqrstuvwxyzäöñüà";
/** Take two places: an escape goes before them. */
const EXTENDED = "^{}\\[~]|€\f";

const basic = new Set(BASIC);
const extended = new Set(EXTENDED);

export interface Segments {
  encoding: "GSM-7" | "UCS-2";
  segments: number;
  /** Places that the text takes, in septets or UTF-16 units. */
  used: number;
  /** Places left in the last segment. */
  left: number;
}

export function segmentsOf(text: string): Segments {
  const characters = [...text];
  const isGsm = characters.every((one) => basic.has(one) || extended.has(one));
  // what takes two places is never cut in two, so a segment may end one place early
  const widths = characters.map((one) => (isGsm ? (extended.has(one) ? 2 : 1) : one.length));
  const used = widths.reduce((sum, width) => sum + width, 0);
  const [alone, each] = isGsm ? [160, 153] : [70, 67];
  const encoding = isGsm ? "GSM-7" : "UCS-2";
  if (used <= alone) return { encoding, segments: used ? 1 : 0, used, left: alone - used };
  let segments = 1;
  let filled = 0;
  for (const width of widths) {
    if (filled + width > each) {
      segments++;
      filled = 0;
    }
    filled += width;
  }
  return { encoding, segments, used, left: each - filled };
}

export type TextUnit = "chars" | "utf16" | "bytes";

/** The length of a text as a channel counts it. */
export function measure(text: string, unit: TextUnit): number {
  if (unit === "utf16") return text.length;
  if (unit === "bytes") return new TextEncoder().encode(text).length;
  return [...text].length;
}
