import type { TFunction } from "i18next";
import { z } from "zod";

/** Rules that several forms share, with their texts in the reader's language. */
export function rules(t: TFunction<"settings">) {
  const required = t("errors.required");
  return {
    /** A text that must say something. */
    text: (most: number) =>
      z
        .string()
        .trim()
        .min(1, required)
        .max(most, t("errors.too_long", { count: most })),
    optional: (most: number) =>
      z
        .string()
        .trim()
        .max(most, t("errors.too_long", { count: most })),
    /** A whole number that may be left out; an empty box is `null`. */
    number: (least: number, most: number) =>
      z.preprocess(
        (value) => (value === "" || value === null || value === undefined ? null : Number(value)),
        z
          .number(t("errors.whole_number"))
          .int(t("errors.whole_number"))
          .min(least, t("errors.between", { least, most }))
          .max(most, t("errors.between", { least, most }))
          .nullable(),
      ),
    email: () => z.string().trim().min(1, required).email(t("errors.email")),
    color: () => z.string().regex(/^#[0-9A-Fa-f]{6}$/, t("errors.color")),
    required,
  };
}
