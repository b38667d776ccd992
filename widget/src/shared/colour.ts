/** Linear light of one of red, green and blue, 0 to 255 (WCAG 2.1, relative luminance). */
const light = (part: number) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;

/** White or black, whichever can be read on `#rrggbb`. */
export function textOn(colour: string): string {
  const rgb = parseInt(colour.slice(1), 16);
  const luminance = 0.2126 * light(rgb >> 16) + 0.7152 * light((rgb >> 8) & 255) + 0.0722 * light(rgb & 255);
  // WCAG asks for 4.5 to 1; black has that against every colour against which white has not
  return luminance <= 1.05 / 4.5 - 0.05 ? "#fff" : "#000";
}
