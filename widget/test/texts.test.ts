import { expect, test } from "vitest";

import am from "../src/locales/am.json";
import en from "../src/locales/en.json";
import { textOn } from "../src/shared/colour";
import { directionOf, languageOf } from "../src/shared/language";
import { fitted } from "../src/frame/shrink";
import { Texts } from "../src/frame/i18n";

test("both languages have the same texts with the same blanks", () => {
  expect(Object.keys(am)).toEqual(Object.keys(en));
  const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, text] of Object.entries(en)) expect(blanks(am[key as keyof typeof am]), key).toEqual(blanks(text));
});

test("a page's own text goes before the catalogue's, English stands in for what is missing", async () => {
  const texts = new Texts({ online: "Here!" });
  await texts.use("am-ET");
  expect(texts.t("online")).toBe("Here!");
  expect(texts.t("queue", { n: 3 })).toBe("በወረፋው 3ኛ ነዎት");
  await texts.use("fr");
  expect(texts.t("send")).toBe("Send");
});

test("languages and their directions", () => {
  expect(["am", "AM-et", "en-GB", "fr", ""].map(languageOf)).toEqual(["am", "am", "en", "en", "en"]);
  expect(["ar", "ar-EG", "he", "en", "arn", "pa-Arab"].map(directionOf)).toEqual(["rtl", "rtl", "rtl", "ltr", "ltr", "rtl"]);
});

test("text can be read on any colour", () => {
  const light = (part: number) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const luminance = (hex: string) => {
    const rgb = parseInt(hex.slice(1), 16);
    return 0.2126 * light(rgb >> 16) + 0.7152 * light((rgb >> 8) & 255) + 0.0722 * light(rgb & 255);
  };
  for (const colour of ["#4f46e5", "#389cf7", "#22c55e", "#f59e0b", "#ef4444", "#ffffff", "#000000", "#767676", "#777777", "#808080"]) {
    const [a, b] = [luminance(colour), textOn(colour) === "#fff" ? 1 : 0];
    expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), colour).toBeGreaterThanOrEqual(4.5);
  }
});

test("pictures fit, and keep their shape", () => {
  expect(fitted(4000, 3000)).toEqual([1920, 1440]);
  expect(fitted(800, 600)).toEqual([800, 600]);
  expect(fitted(10_000, 2)).toEqual([1920, 1]);
});
