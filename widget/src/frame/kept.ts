import type { NewVisitorMessage, Outgoing, OutboxStore } from "@turumba/realtime";

import type { Line } from "./thread";

const MOST_LINES = 50;

/**
 * What the visitor's browser keeps for the chat: a copy here, the original in the page's storage behind the loader.
 * The frame's own storage is no use: browsers that keep third parties from remembering take it away. By the page's
 * storage the loaders of several tabs also tell each other what has changed.
 */
export class Kept {
  readonly #items: Map<string, string>;
  readonly #store: (key: string, value: string | null) => void;

  constructor(items: Record<string, string>, store: (key: string, value: string | null) => void) {
    this.#items = new Map(Object.entries(items));
    this.#store = store;
  }

  get(key: string): string | undefined {
    return this.#items.get(key);
  }

  put(key: string, value: string | null): void {
    if (this.learn(key, value)) this.#store(key, value);
  }

  /** Another tab has kept something. False if that is no news. */
  learn(key: string, value: string | null): boolean {
    if (value === (this.#items.get(key) ?? null)) return false;
    if (value === null) this.#items.delete(key);
    else this.#items.set(key, value);
    return true;
  }

  /** Forgets everything; the loader has done so itself. */
  clear(): void {
    this.#items.clear();
  }

  /** Who joined and when it ended: the hub tells it once, and after a reload it still belongs into the thread. */
  lines(conversation: string | undefined): Line[] {
    try {
      const kept = JSON.parse(this.get("lines") ?? "{}") as { of?: string; lines?: Line[] };
      return conversation && kept.of === conversation ? kept.lines ?? [] : [];
    } catch {
      return [];
    }
  }

  putLines(conversation: string, lines: readonly Line[]): void {
    this.put("lines", JSON.stringify({ of: conversation, lines: lines.slice(-MOST_LINES) }));
  }

  /** Unsent messages, each under a key of its own. */
  outbox(): OutboxStore<NewVisitorMessage> {
    return {
      load: () => [...this.#items].filter(([key]) => key.startsWith(OUT)).flatMap(([, value]) => {
        try {
          return [JSON.parse(value) as Outgoing<NewVisitorMessage>];
        } catch {
          return [];
        }
      }),
      put: (entry) => this.put(OUT + entry.client_message_id, JSON.stringify(entry)),
      remove: (id) => this.put(OUT + id, null),
    };
  }
}

/** Of the keys of unsent messages. */
export const OUT = "out.";
