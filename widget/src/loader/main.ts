// The script of the tag: a launcher on the page, and the app in a frame when it is wanted.

import { launcher as am } from "../locales/am.json";
import { launcher as en } from "../locales/en.json";
import type { Attributes, Call, Identity, Settings, Theme, Turumba } from "../shared/api";
import { textOn } from "../shared/colour";
import type { Init, ToFrame, ToLoader, Unread } from "../shared/port";
import { view } from "./view";

interface Look {
  color?: string;
  position?: string;
  launcher_text?: string;
  theme?: Theme;
  hide_when_offline?: boolean;
}

const NOTHING: Unread = { count: 0, label: "", dismiss: "" };

function start(tag: HTMLScriptElement): void {
  const page = window;
  const settings = { ...page.turumbaSettings, ...tag.dataset } as Settings;
  const hub = new URL(settings.hub ?? tag.src).origin;
  const prefix = `turumba.${settings.key}.`;
  const [host, root, launcher, label, badge, preview, news, dismiss] = view();
  const handlers: { [event: string]: Set<(detail: never) => void> | undefined } = {};
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let identity: Identity | undefined;
  let attributes: Attributes | undefined;
  let frame: HTMLIFrameElement | undefined;
  let port: MessagePort | undefined;
  let isOpen = false;
  let unread: Unread = NOTHING;

  /** Each in a turn of its own: what a handler of the page throws is the page's, and stops nothing here. */
  const tell = (event: string, detail?: unknown) => handlers[event]?.forEach((handler) => queueMicrotask(() => handler(detail as never)));
  const say = (...message: ToFrame) => port?.postMessage(message);
  const where = () => ({ url: location.origin + location.pathname, title: document.title, referrer: document.referrer.split("?")[0]! });
  const locale = () => settings.locale || document.documentElement.lang || navigator.language;
  const name = () => settings.label || (settings.texts?.["launcher"] ?? (/^am/i.test(locale()) ? am : en));
  /** Storage may be full, or forbidden: the chat then starts anew with every page. */
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch {
      return undefined;
    }
  };
  const kept = () => {
    const all: Record<string, string> = {};
    attempt(() => {
      for (const key in localStorage) if (key.startsWith(prefix)) all[key.slice(prefix.length)] = localStorage[key] as string;
    });
    return all;
  };
  const keep = (key: string, value: string | null) =>
    attempt(() => value === null ? delete localStorage[prefix + key] : (localStorage[prefix + key] = value));

  /** Puts into the page what the state says. */
  function draw(): void {
    host.toggleAttribute("data-dark", settings.theme === "dark" || (settings.theme !== "light" && dark.matches));
    launcher.className = isOpen ? "l o" : "l";
    launcher.hidden = settings.launcher === "hidden";
    label.textContent = isOpen ? "" : settings.label!;
    badge.textContent = `${unread.count}`;
    badge.hidden = isOpen || !unread.count;
    launcher.ariaLabel = name() + (badge.hidden ? "" : `, ${unread.label}`);
    launcher.ariaExpanded = `${isOpen}`;
    preview.hidden = isOpen || !unread.preview;
    news.textContent = unread.preview ?? "";
    dismiss.ariaLabel = unread.dismiss;
    if (frame) {
      frame.title = name();
      frame.className = isOpen ? "" : "c";
    }
  }

  function load(): void {
    if (frame || !host.isConnected) return;
    frame = document.createElement("iframe");
    frame.src = `${hub}/widget/?key=${encodeURIComponent(settings.key)}`;
    frame.onload = () => {
      const channel = new MessageChannel();
      port = channel.port1;
      port.onmessage = ({ data }) => hear(data as ToLoader);
      const init: Init = { settings: { ...settings, locale: locale() }, kept: kept(), identity, attributes, page: where(), isOpen };
      // to the hub alone: it holds the visitor's secret
      frame!.contentWindow!.postMessage({ turumba: init }, hub, [channel.port2]);
    };
    root.insertBefore(frame, launcher);
  }

  function hear(told: ToLoader): void {
    if (told[0] === "close") {
      api.close();
      launcher.focus();
    } else if (told[0] === "keep") {
      keep(told[1], told[2]);
    } else if (told[0] === "tell") {
      tell(told[1], told[2]);
    } else {
      unread = told[1];
      draw();
    }
  }

  function setOpen(open: boolean): void {
    if (open === isOpen || !host.isConnected) return;
    isOpen = open;
    attempt(() => (sessionStorage[prefix] = open ? 1 : ""));
    if (open) load();
    draw();
    say("open", open, where());
    if (open) frame!.focus();
    tell(open ? "open" : "close");
  }

  const setting = <N extends "locale" | "theme">(name: N) => (given: Required<Settings>[N]): void => {
    settings[name] = given;
    draw();
    say(...([name, given] as ToFrame));
  };

  const api: Turumba = {
    get isOpen() {
      return isOpen;
    },
    open: () => setOpen(true),
    close: () => setOpen(false),
    toggle: () => setOpen(!isOpen),
    show() {
      settings.launcher = "shown";
      draw();
    },
    hide() {
      settings.launcher = "hidden";
      setOpen(false);
      draw();
    },
    identify(given) {
      identity = given;
      say("identify", given);
    },
    setAttributes(given) {
      attributes = { ...attributes, ...given };
      say("attributes", given);
    },
    setLocale: setting("locale"),
    setTheme: setting("theme"),
    on: (event, handler) => void (handlers[event] ??= new Set()).add(handler),
    off: (event, handler) => void handlers[event]?.delete(handler),
    reset() {
      identity = attributes = undefined;
      unread = NOTHING;
      say("reset");
      for (const key in kept()) keep(key, null);
      draw();
    },
    destroy() {
      setOpen(false);
      host.remove();
      page.turumba = undefined;
    },
    // a name that is misspelt, or something that cannot be passed on, must not take the chat off the page
    push: (...calls) => calls.forEach(([name, ...given]) => attempt(() => (api[name] as (...all: unknown[]) => void)(...given))),
  };

  function show({ look, online }: { look: Look | null; online: boolean }): void {
    look ??= {};
    settings.color ??= look.color ?? "#4f46e5";
    settings.label ??= look.launcher_text ?? "";
    settings.theme ??= look.theme ?? "auto";
    if (look.hide_when_offline && !online) settings.launcher ??= "hidden";
    host.style.setProperty("--accent", settings.color);
    host.style.setProperty("--on", textOn(settings.color));
    host.toggleAttribute("data-left", (settings.position ?? look.position) === "bottom-left");
    dark.addEventListener("change", draw);
    // as it is now: tabs that wrote at the same time then agree
    addEventListener("storage", ({ key }) => key?.startsWith(prefix) && say("kept", key.slice(prefix.length), (localStorage[key] as string | undefined) ?? null));
    launcher.onclick = api.toggle;
    news.onclick = api.open;
    dismiss.onclick = () => {
      delete unread.preview;
      draw();
    };
    draw();
    // beside the body: a page that replaces its body, or transforms it, does not move the chat
    document.documentElement.append(host);
    const queued = page.turumba as Call[] | undefined;
    page.turumba = api;
    if (Array.isArray(queued)) api.push(...queued);
    // open on the last page, open on this one; but not where it would cover the page
    if (attempt(() => sessionStorage[prefix] as string) && innerWidth > 480) api.open();
    // who has a conversation wants to know of answers; everybody else costs nothing until they ask
    else if (kept()["active"]) setTimeout(load, 1_000);
    tell("ready");
  }

  function ask(wait: number): void {
    fetch(`${hub}/v1/public/chat/${encodeURIComponent(settings.key)}`).then(
      (answer) => answer.ok ? answer.json()
        : answer.status < 429 ? console.warn(`turumba: this chat cannot be shown here (${answer.status})`)
          : Promise.reject(),
    ).then(
      (told?: { data: Parameters<typeof show>[0] }) => told && show(told.data),
      () => setTimeout(ask, wait, Math.min(wait * 2, 60_000)),
    );
  }
  ask(2_000);
}

// a tag that stands twice on a page is one chat
if (!window.turumba || Array.isArray(window.turumba)) start(document.currentScript as HTMLScriptElement);
