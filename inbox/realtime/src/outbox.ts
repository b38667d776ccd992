import { Emitter } from "./emitter";
import { CommandError } from "./errors";
import type { Id } from "./events";

/** A message that the hub has not stored yet, or has refused. */
export interface Outgoing<P> {
  client_message_id: Id;
  payload: P & { client_message_id: Id };
  /** Milliseconds since 1970; they also give the order. */
  at: number;
  /** Set when the hub refused it for good: it waits for `retry` or `discard`. */
  error?: { code: string; message: string };
}

/** Where unsent messages survive a reload. */
export interface OutboxStore<P> {
  load(): Outgoing<P>[];
  put(entry: Outgoing<P>): void;
  remove(id: Id): void;
}

/** Keeps each message under a key of its own, so that several tabs do not overwrite one another. */
export function keyedStore<P>(storage: Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">, prefix: string): OutboxStore<P> {
  const guarded = <T>(act: () => T, otherwise: T): T => {
    try {
      return act();
    } catch {
      // storage may be full or forbidden: the message is then kept as long as the page is
      return otherwise;
    }
  };
  return {
    load: () => guarded(() => {
      const keys = Array.from({ length: storage.length }, (_, at) => storage.key(at));
      return keys.filter((key) => key?.startsWith(prefix)).flatMap((key) => {
        try {
          return [JSON.parse(storage.getItem(key!)!) as Outgoing<P>];
        } catch {
          return [];
        }
      });
    }, []),
    put: (entry) => guarded(() => storage.setItem(prefix + entry.client_message_id, JSON.stringify(entry)), undefined),
    remove: (id) => guarded(() => storage.removeItem(prefix + id), undefined),
  };
}

export interface OutboxOptions<P, R> {
  store?: OutboxStore<P>;
  /** Sends one message, at once or not at all; repeating one is harmless. */
  send: (payload: P & { client_message_id: Id }, patience: number) => Promise<R>;
  /** Messages of one lane go one after the other, in order; lanes do not wait for each other. */
  lane?: (payload: P) => string;
}

const PATIENCE = 4_000;

/**
 * Messages on their way. Each is kept until the hub has acknowledged it or refused it for good, over broken
 * connections and reloads; the hub knows a repeated one by its `client_message_id`.
 */
export class Outbox<P extends object, R> {
  readonly #entries: Outgoing<P>[];
  readonly #emitter = new Emitter();
  readonly #busy = new Set<string>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #waiting = new Map<Id, { done: (told: R) => void; fail: (error: unknown) => void }>();
  /** Of the message at the head of each lane. */
  readonly #tries = new Map<string, number>();
  #isOpen = false;

  constructor(readonly options: OutboxOptions<P, R>) {
    this.#entries = (options.store?.load() ?? []).sort((a, b) => a.at - b.at);
  }

  /** What is not acknowledged, oldest first. */
  get entries(): readonly Outgoing<P>[] {
    return this.#entries;
  }

  /** Told after every change of `entries`. */
  onChange(handler: () => void): () => void {
    return this.#emitter.on("change", handler);
  }

  /** Told when the hub has stored a message, also one of an earlier page. */
  onSent(handler: (entry: Outgoing<P>, told: R) => void): () => void {
    return this.#emitter.on("sent", handler as never);
  }

  /** Takes a message. `settled` resolves with the hub's answer and rejects when it is refused or discarded. */
  add(payload: P & { client_message_id?: Id }): { entry: Outgoing<P>; settled: Promise<R> } {
    const client_message_id = payload.client_message_id ?? uuid();
    const last = this.#entries.at(-1)?.at ?? 0;
    const entry: Outgoing<P> = { client_message_id, payload: { ...payload, client_message_id }, at: Math.max(Date.now(), last + 1) };
    const settled = new Promise<R>((done, fail) => this.#waiting.set(client_message_id, { done, fail }));
    // who does not look at the promise looks at the entries
    settled.catch(() => {});
    this.#entries.push(entry);
    this.options.store?.put(entry);
    this.#changed();
    this.#flush(this.#lane(entry));
    return { entry, settled };
  }

  /** Takes up what another tab has put into the shared store. */
  reload(): void {
    const known = new Set(this.#entries.map((entry) => entry.client_message_id));
    const found = (this.options.store?.load() ?? []).filter((entry) => !known.has(entry.client_message_id));
    if (!found.length) return;
    this.#entries.push(...found);
    this.#entries.sort((a, b) => a.at - b.at);
    this.#changed();
    this.#flushAll();
  }

  /** Tries a refused message again. */
  retry(id: Id): void {
    const entry = this.#find(id);
    if (!entry?.error) return;
    delete entry.error;
    this.options.store?.put(entry);
    this.#changed();
    this.#flush(this.#lane(entry));
  }

  /** Gives a message up. */
  discard(id: Id): void {
    const entry = this.#find(id);
    if (!entry) return;
    this.#drop(entry);
    this.#settle(id)?.fail(new CommandError("conflict", "discarded"));
  }

  /** The message was seen in the thread: it needs no more sending. */
  confirm(id: Id | null | undefined): void {
    const entry = id ? this.#find(id) : undefined;
    if (entry) this.#drop(entry);
  }

  /** The connection came or went. */
  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    if (isOpen) this.#flushAll();
  }

  #flushAll(): void {
    for (const lane of new Set(this.#entries.map((entry) => this.#lane(entry)))) this.#flush(lane);
  }

  #flush(lane: string): void {
    clearTimeout(this.#timers.get(lane));
    if (!this.#isOpen || this.#busy.has(lane)) return;
    // one that was refused lets the others pass
    const entry = this.#entries.find((one) => !one.error && this.#lane(one) === lane);
    if (!entry) return;
    this.#busy.add(lane);
    void this.#deliver(entry, lane).then((wait) => {
      this.#busy.delete(lane);
      if (wait === 0) this.#flush(lane);
      else this.#timers.set(lane, setTimeout(() => this.#flush(lane), wait));
    });
  }

  /** Returns the milliseconds to wait before the lane goes on. */
  async #deliver(entry: Outgoing<P>, lane: string): Promise<number> {
    const tries = (this.#tries.get(lane) ?? 0) + 1;
    this.#tries.set(lane, tries);
    try {
      // a hub that is merely slow gets more time at each repetition
      const told = await this.options.send(entry.payload, Math.min(PATIENCE * tries, 20_000));
      this.#tries.delete(lane);
      this.#drop(entry);
      this.#emitter.emit("sent", entry, told);
      this.#settle(entry.client_message_id)?.done(told);
      return 0;
    } catch (thrown) {
      const error = thrown instanceof CommandError ? thrown : new CommandError("internal_error", String(thrown));
      if (error.isTransient) return error.retryAfter ?? Math.min(1_000 * tries, 10_000);
      this.#tries.delete(lane);
      if (this.#find(entry.client_message_id)) {
        entry.error = { code: error.code, message: error.message };
        this.options.store?.put(entry);
        this.#changed();
      }
      this.#settle(entry.client_message_id)?.fail(error);
      return 0;
    }
  }

  #drop(entry: Outgoing<P>): void {
    const at = this.#entries.indexOf(entry);
    if (at >= 0) this.#entries.splice(at, 1);
    this.options.store?.remove(entry.client_message_id);
    this.#changed();
  }

  #settle(id: Id) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #find(id: Id): Outgoing<P> | undefined {
    return this.#entries.find((entry) => entry.client_message_id === id);
  }

  #lane(entry: Outgoing<P>): string {
    return this.options.lane?.(entry.payload) ?? "";
  }

  #changed(): void {
    this.#emitter.emit("change");
  }
}

/** A random UUID, also on pages without a secure context. */
export function uuid(): Id {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 15) | 64;
  bytes[8] = (bytes[8]! & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
