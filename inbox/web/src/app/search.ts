type Value = string | number | boolean | null | undefined;

/** What a page keeps in the address: plain words, and lists as repeated keys (`?filter=a&filter=b`). */
export type Search = Record<string, Value | readonly Value[]>;

/** A key that occurs once is a text, one that occurs more often a list. Numbers are for the pages to read. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const before = found[key];
    found[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return found;
}

export function stringifySearch(search: Search): string {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") words.append(key, String(one));
    }
  }
  // colons and commas are allowed there, and filters are full of them
  const text = words.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return text && `?${text}`;
}
