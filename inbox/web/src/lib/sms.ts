// How many SMS a text takes (3GPP TS 23.038), counted as the hub counts it.

/** The basic set without letters and digits. */
const BASIC = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà");
/** They take an escape and so two septets. */
const EXTENDED = new Set("\f^{}\\[~]|€");

function septets(char: string): number | null {
  if (/^[A-Za-z0-9]$/.test(char) || BASIC.has(char)) return 1;
  return EXTENDED.has(char) ? 2 : null;
}

export interface SmsLength {
  encoding: "gsm7" | "ucs2";
  segments: number;
  /** What is left in the last segment, in its own units. */
  left: number;
}

/** One character outside GSM-7 makes the whole message UCS-2. An escape or surrogate pair is never divided. */
export function smsLength(text: string): SmsLength {
  const chars = [...text];
  const sizes = chars.map(septets);
  const isGsm = sizes.every((size) => size !== null);
  const units = isGsm ? sizes.map(Number) : chars.map((char) => char.length);
  const [single, part] = isGsm ? [160, 153] : [70, 67];
  const encoding = isGsm ? "gsm7" : "ucs2";
  const total = units.reduce((sum, size) => sum + size, 0);
  if (total <= single) return { encoding, segments: 1, left: single - total };
  let segments = 1;
  let used = 0;
  for (const size of units) {
    if (used + size > part) {
      segments += 1;
      used = 0;
    }
    used += size;
  }
  return { encoding, segments, left: part - used };
}
