import i18next from "i18next";
import { initReactI18next } from "react-i18next";

export const LANGUAGES = { en: "English", am: "አማርኛ" } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = "turumba.language";

// every namespace is a file in locales/LANGUAGE; one chunk per language, so that nobody loads both
const catalogues = import.meta.glob<Record<string, unknown>>("./locales/*/*.json", { import: "default" });

function preferred(): Language {
  const asked = [localStorage.getItem(KEY), ...navigator.languages];
  return asked.map((tag) => tag?.slice(0, 2)).find((tag): tag is Language => tag === "en" || tag === "am") ?? "en";
}

async function load(language: Language): Promise<void> {
  const wanted = Object.entries(catalogues).filter(([path]) => path.startsWith(`./locales/${language}/`));
  await Promise.all(
    wanted.map(async ([path, read]) => {
      const namespace = path.slice(path.lastIndexOf("/") + 1, -".json".length);
      i18next.addResourceBundle(language, namespace, await read(), true, true);
    }),
  );
}

export async function startLanguages(): Promise<void> {
  const language = preferred();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    defaultNS: "common",
    resources: {},
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  // English stands in for what another language lacks
  await Promise.all(language === "en" ? [load("en")] : [load("en"), load(language)]);
  document.documentElement.lang = language;
}

export async function setLanguage(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
  localStorage.setItem(KEY, language);
  document.documentElement.lang = language;
}
