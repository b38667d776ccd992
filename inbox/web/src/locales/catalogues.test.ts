import { describe, expect, test } from "vitest";

type Catalogue = { [key: string]: string | Catalogue };

const files = import.meta.glob<Catalogue>("./*/*.json", { import: "default", eager: true });
/** Of providers' texts the English is in their schemas, and is the key here. */
const PROVIDERS = "providers.json";
const namespaces = [...new Set(Object.keys(files).map((path) => path.split("/")[2] ?? ""))].filter(
  (namespace) => namespace !== PROVIDERS,
);

/** Every text by its dotted key. */
function flat(catalogue: Catalogue, before = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(catalogue).flatMap(([key, value]) =>
      typeof value === "string" ? [[before + key, value]] : Object.entries(flat(value, `${before}${key}.`)),
    ),
  );
}

const filled = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name).sort();

describe.each(namespaces)("%s", (namespace) => {
  const [english, amharic] = ["en", "am"].map((language) => flat(files[`./${language}/${namespace}`] ?? {}));

  test("is said in both languages", () => {
    expect(Object.keys(amharic ?? {}).sort()).toEqual(Object.keys(english ?? {}).sort());
  });

  test("is filled with the same values in both", () => {
    for (const [key, text] of Object.entries(english ?? {})) {
      // a language may say "one" without its number
      if (/_(zero|one|two)$/.test(key)) continue;
      expect([key, filled(amharic?.[key] ?? "")]).toEqual([key, filled(text)]);
    }
  });

  test("nothing is empty", () => {
    const empty = Object.entries({ ...english, ...amharic }).filter(([, text]) => !text.trim());
    expect(empty).toEqual([]);
  });
});

test("providers' texts keep what is to be written as it is", () => {
  for (const [english, amharic] of Object.entries(files[`./am/${PROVIDERS}`] ?? {})) {
    expect([english, filled(String(amharic))]).toEqual([english, filled(english)]);
    expect(String(amharic).trim()).not.toBe("");
  }
});
