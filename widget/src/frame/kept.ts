import type { NewVisitorMessage, Outgoing, OutboxStore } from "@turumba/realtime";

/**
 * What the visitor's browser keeps: a copy here, the original in the page's storage behind the loader, and every
 * change told to the other tabs.
 */
export class Kept {
  readonly #items: Map<string, string>;
  readonly #tabs: BroadcastChannel | undefined;
  readonly #store: (key: string, value: string | null) => void;
  /** Another tab has changed something. */
  onchange: (key: string, value: string | null) => void = () => {};

  constructor(items: Record<string, string>, channel: string, store: (key: string, value: string | null) => void) {
    this.#items = new Map(Object.entries(items));
    this.#store = store;
    try {
      this.#tabs = new BroadcastChannel(channel);
      this.#tabs.onmessage = ({ data }) => {
        const [key, value] = data as [string, string | null];
        this.#set(key, value);
        this.onchange(key, value);
      };
    } catch {
      // a browser that forbids it to frames: each tab is then on its own until it connects again
    }
  }

  get(key: string): string | undefined {
    return this.#items.get(key);
  }

  put(key: string, value: string | null): void {
    if (value === (this.#items.get(key) ?? null)) return;
    this.#set(key, value);
    this.#store(key, value);
    this.#tabs?.postMessage([key, value]);
  }

  /** Forgets everything; the loader has done so itself. */
  clear(): void {
    this.#items.clear();
    this.#tabs?.postMessage(["reset", null]);
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

  #set(key: string, value: string | null): void {
    if (value === null) this.#items.delete(key);
    else this.#items.set(key, value);
  }
}

/** Of the keys of unsent messages. */
export const OUT = "out.";
