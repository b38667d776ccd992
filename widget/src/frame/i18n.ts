import en from "../locales/en.json";
import { directionOf, languageOf } from "../shared/language";

export type TextKey = keyof typeof en;

/** The texts of a language, under the page's own. English comes with the app, the others when they are wanted. */
export class Texts {
  #catalogue: Record<string, string> = en;
  locale = "en";

  constructor(readonly own: Record<string, string> = {}) {}

  async use(locale: string): Promise<void> {
    this.locale = locale;
    this.#catalogue = languageOf(locale) === "am" ? (await import("../locales/am.json")).default : en;
  }

  readonly t = (key: TextKey, values: Record<string, string | number> = {}): string => {
    const text = this.own[key] ?? this.#catalogue[key] ?? en[key];
    return text.replace(/\{(\w+)\}/g, (_, name: string) => `${values[name] ?? ""}`);
  };

  get direction(): "ltr" | "rtl" {
    return directionOf(this.locale);
  }

  /** Dates in the visitor's language; a tag that the browser does not know is no reason to fail. */
  format(at: Date, how: Intl.DateTimeFormatOptions): string {
    try {
      return new Intl.DateTimeFormat(this.locale, how).format(at);
    } catch {
      return new Intl.DateTimeFormat("en", how).format(at);
    }
  }

  day(at: Date): string {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
    if (days === 0) return this.t("today");
    if (days === 1) return this.t("yesterday");
    return this.format(at, { weekday: "long", day: "numeric", month: "long" });
  }

  time(at: string): string {
    return this.format(new Date(at), { hour: "numeric", minute: "2-digit" });
  }
}
