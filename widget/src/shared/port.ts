// What the loader on the page and the app in the frame tell each other, over a port that only they hold.

import type { PreChatForm } from "@turumba/realtime";

import type { Attributes, Events, Identity, Settings, Theme } from "./api";

/** The loader's first message, by `postMessage` to the hub's exact origin; the port comes with it. */
export interface Init {
  settings: Settings;
  /** What the visitor's browser keeps for this chat, the visitor's secret among it. */
  kept: Record<string, string>;
  identity?: Identity | undefined;
  attributes?: Attributes | undefined;
  page: Page;
  isOpen: boolean;
  /** Shown instead of a real chat. */
  preview?: Preview | undefined;
}

/** What a chat looks like with these settings. */
export interface Preview {
  online: boolean;
  team_name: string;
  welcome: string | null;
  offline_message: string | null;
  pre_chat_form: PreChatForm | null;
  agent: string | null;
  said: { own: boolean; text: string }[];
}

export interface Page {
  url: string;
  title: string;
  referrer: string;
}

/** Loader to frame. */
export type ToFrame =
  | ["open", isOpen: boolean, page: Page]
  | ["identify", identity: Identity]
  | ["attributes", attributes: Attributes]
  | ["locale", locale: string]
  | ["theme", theme: Theme]
  /** Another tab has kept something. */
  | ["kept", key: string, value: string | null]
  | ["reset"];

/** Frame to loader. */
export type ToLoader =
  | ["close"]
  | ["keep", key: string, value: string | null]
  | ["unread", Unread]
  | ["tell", event: keyof Events, detail: Events[keyof Events]];

/** How the launcher shows what was not seen. */
export interface Unread {
  count: number;
  /** For readers who do not see the number. */
  label: string;
  /** The newest one, when it is news. */
  preview?: string;
  /** Names the button that takes the preview away. */
  dismiss: string;
}
