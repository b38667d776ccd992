import { useEffect, useRef } from "react";

/**
 * Keys that work wherever no text is being written. A name is a key (`j`, `?`, `Escape`), a chord with the
 * platform's command key (`mod+k`, which also works in text), or two keys one after the other (`g m`).
 */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

const SEQUENCE_MS = 900;
let first: { key: string; at: number } | null = null;

export const isMac = /mac|iphone|ipad/i.test(navigator.platform);

/** As it is printed on the keys. */
export const shown = (name: string): string =>
  name
    .replace("mod+", isMac ? "⌘" : "Ctrl ")
    .split(" ")
    .map((key) => (key.length === 1 && /[a-z]/.test(key) ? key.toUpperCase() : key))
    .join(" ");

function isWriting(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null;
  return !!element?.closest("input, textarea, select, [contenteditable], [role=menu], [role=listbox], [role=dialog]");
}

function nameOf(event: KeyboardEvent): string | null {
  const isMod = isMac ? event.metaKey : event.ctrlKey;
  if (isMod && !event.altKey) return `mod+${event.key.toLowerCase()}`;
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  return event.key;
}

export function useShortcuts(shortcuts: Shortcuts, isOn = true): void {
  const now = useRef(shortcuts);
  now.current = shortcuts;
  useEffect(() => {
    if (!isOn) return;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const name = nameOf(event);
      if (!name) return;
      if (!name.startsWith("mod+") && isWriting(event.target)) return;
      const begun = first && Date.now() - first.at < SEQUENCE_MS ? `${first.key} ${name}` : null;
      const act = (begun && now.current[begun]) || now.current[name];
      if (act) {
        first = null;
        event.preventDefault();
        act(event);
      } else if (Object.keys(now.current).some((one) => one.startsWith(`${name} `))) {
        first = { key: name, at: Date.now() };
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [isOn]);
}
