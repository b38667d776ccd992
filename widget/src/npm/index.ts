// For bundlers: puts the loader's script on the page and hands out the same interface as `window.turumba`, at once.

import type { Attributes, Call, Events, Identity, Settings, Theme, Turumba } from "../shared/api";

export type { Attributes, Call, Events, Identity, Settings, Theme, Turumba };

/** Settings of which the hub is one: a bundle cannot know it from a script's address. */
export type LoadSettings = Settings & { hub: string };

/**
 * Puts the chat on the page. Calls made before the script has arrived are done when it has. Calling it again
 * returns the chat that is there; after `destroy` it makes a new one.
 */
export function load(settings: LoadSettings): Turumba {
  if (!window.turumba) {
    window.turumba = [];
    window.turumbaSettings = settings;
    const script = document.createElement("script");
    script.src = new URL("/widget.js", settings.hub).href;
    script.async = true;
    script.dataset["key"] = settings.key;
    document.head.append(script);
  }
  return turumba;
}

const call = (...made: Call): void => window.turumba?.push(made) as void;

/** The chat on the page, whether its script has arrived or not. */
export const turumba: Turumba = {
  get isOpen() {
    return !!window.turumba && "isOpen" in window.turumba && window.turumba.isOpen;
  },
  open: () => call("open"),
  close: () => call("close"),
  toggle: () => call("toggle"),
  show: () => call("show"),
  hide: () => call("hide"),
  identify: (identity) => call("identify", identity),
  setAttributes: (attributes) => call("setAttributes", attributes),
  setLocale: (locale) => call("setLocale", locale),
  setTheme: (theme) => call("setTheme", theme),
  on: (event, handler) => call("on", event, handler as never),
  off: (event, handler) => call("off", event, handler as never),
  reset: () => call("reset"),
  destroy: () => call("destroy"),
  push: (...calls) => calls.forEach((made) => call(...made)),
};
