import { External, useExternal } from "@/lib/external";

/** What one person likes on this device. */
export interface Prefs {
  theme: "system" | "dark" | "light";
  /** What sends a message: Enter, or Ctrl/⌘ with Enter. */
  sendKey: "enter" | "mod";
  sound: boolean;
  desktop: boolean;
  /** The contact's column beside the thread. */
  panel: boolean;
}

const KEY = "turumba.prefs";
const DEFAULTS: Prefs = { theme: "system", sendKey: "enter", sound: true, desktop: false, panel: true };
const dark = window.matchMedia("(prefers-color-scheme: dark)");

class PrefsStore extends External {
  value: Prefs = read();

  constructor() {
    super();
    dark.addEventListener("change", () => this.paint());
    // another tab changed them
    window.addEventListener("storage", (event) => {
      if (event.key !== KEY) return;
      this.value = read();
      this.paint();
      this.notify();
    });
  }

  set(change: Partial<Prefs>): void {
    this.value = { ...this.value, ...change };
    localStorage.setItem(KEY, JSON.stringify(this.value));
    this.paint();
    this.notify();
  }

  private paint(): void {
    const { theme } = this.value;
    // what theme.js reads before the next first paint
    if (theme === "system") localStorage.removeItem("turumba.theme");
    else localStorage.setItem("turumba.theme", theme);
    document.documentElement.dataset.theme = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
  }
}

function read(): Prefs {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Prefs>) };
  } catch {
    return DEFAULTS;
  }
}

export const prefs = new PrefsStore();

export const usePrefs = (): Prefs => useExternal(prefs, (store) => store.value);
