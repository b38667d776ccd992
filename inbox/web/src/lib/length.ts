export type TextUnit = "chars" | "utf16" | "bytes";

/** The length of a text as a channel counts it. */
export function measure(text: string, unit: TextUnit): number {
  if (unit === "utf16") return text.length;
  if (unit === "bytes") return new TextEncoder().encode(text).length;
  return [...text].length;
}
