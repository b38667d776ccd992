// What a page may say to the widget and hear from it: the public interface, for scripts and for bundlers.

/** How the chat looks and behaves on a page. Everything but `key` may be left out. */
export interface Settings {
  /** The web chat's public key. */
  key: string;
  /** The hub's origin; by default the one that the script came from. */
  hub?: string;
  /** A language tag; by default the page's `lang`, then the browser's. */
  locale?: string;
  /** Writing direction; by default the language's. */
  dir?: "ltr" | "rtl";
  /** `auto` follows the visitor's system. */
  theme?: Theme;
  /** Overrides what is set at the hub. */
  position?: "bottom-right" | "bottom-left";
  /** Overrides what is set at the hub, `#rrggbb`. */
  color?: string;
  /** The launcher's text; empty: an icon alone. */
  label?: string;
  /** `hidden`: the page opens the chat by itself. */
  launcher?: "shown" | "hidden";
  /** `mod+enter`: Enter makes a new line, Ctrl or ⌘ with Enter sends. */
  sendKey?: "enter" | "mod+enter";
  /** Texts of your own, by the names in the catalogue: another language, or other words. */
  texts?: Record<string, string>;
}

export type Theme = "auto" | "light" | "dark";

/** Who the visitor is. With `hash` or `jwt` it is proven; without, it is a claim that agents see as such. */
export interface Identity {
  /** Your own id of the user. */
  id?: string;
  /** HMAC-SHA256 of `id` under the chat's identity secret, in hexadecimal. Make it on your server. */
  hash?: string;
  /** Instead of `id` and `hash`: a JWT (HS256) with `sub` and `exp`. */
  jwt?: string;
  name?: string;
  email?: string;
  phone?: string;
  attributes?: Attributes;
}

export type Attributes = Record<string, string | number | boolean | null>;

/** What can be listened to. */
export interface Events {
  /** The launcher is on the page. */
  ready: undefined;
  open: undefined;
  close: undefined;
  /** Messages that the visitor has not seen. */
  unread: { count: number };
  /** A message from the other side. */
  message: { id: string; text: string; name: string | null; at: string };
  /** The conversation was opened, assigned, resolved, … */
  conversation: { id: string; status: string };
  /** The hub took the identity. `verified`: it was proven, now or before. */
  identified: { verified: boolean };
  /** `identity_refused`: the proof is wrong, nothing of it was used. `unavailable`: the chat cannot be shown. */
  error: { code: "identity_refused" | "unavailable"; message: string };
}

/** `window.turumba`. */
export interface Turumba {
  readonly isOpen: boolean;
  open(): void;
  close(): void;
  toggle(): void;
  /** Shows the launcher. */
  show(): void;
  /** Hides the launcher, and closes the chat. */
  hide(): void;
  identify(identity: Identity): void;
  /** Facts about the visitor that agents see beside the conversation. */
  setAttributes(attributes: Attributes): void;
  setLocale(locale: string): void;
  setTheme(theme: Theme): void;
  on<E extends keyof Events>(event: E, handler: (detail: Events[E]) => void): void;
  off<E extends keyof Events>(event: E, handler: (detail: Events[E]) => void): void;
  /** Forgets the visitor: call it when your user signs out. */
  reset(): void;
  /** Takes everything off the page; what the visitor wrote stays at the hub. */
  destroy(): void;
  /** `turumba.push(["open"], ["setLocale", "am"])`: also works before the script has loaded. */
  push(...calls: Call[]): void;
}

export type Call = {
  [M in Exclude<keyof Turumba, "isOpen" | "push">]: [M, ...Parameters<Turumba[M]>];
}[Exclude<keyof Turumba, "isOpen" | "push">];

declare global {
  interface Window {
    turumba?: Turumba | Call[] | undefined;
    turumbaSettings?: Partial<Settings> | undefined;
  }
}
