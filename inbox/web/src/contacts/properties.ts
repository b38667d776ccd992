/** A property as people read and write it: a text as it is, anything else as JSON. */
export const shownProperty = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** What was written, as the kind of thing that stood there: a number stays a number. */
export function readProperty(text: string, before: unknown): unknown {
  if (before === undefined || typeof before === "string") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Named values as a form holds them. */
export type Written = { name: string; value: string }[];

/** The form's names and values as the hub keeps them; `before` tells what kind of thing each was. */
export const readProperties = (written: Written, before: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(written.map(({ name, value }) => [name, readProperty(value, before[name])]));
