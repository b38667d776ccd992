import type { SocketLike } from "../src";

type Answer = { ok: true; data?: unknown } | { ok: false; error: { code: string; message: string; details?: object } };

/** A socket whose other side is the test. */
export class FakeSocket implements SocketLike {
  connected = false;
  auth: unknown;
  /** What was asked and not answered yet. */
  asked: { name: string; payload: never; answer: (told: Answer) => void }[] = [];
  /** The `auth` of every attempt to connect. */
  attempts: Record<string, unknown>[] = [];
  readonly #handlers = new Map<string, ((...args: never[]) => void)[]>();
  readonly #any: ((event: string, ...args: unknown[]) => void)[] = [];
  readonly #pending = new Set<(error: unknown, told: unknown) => void>();

  on(event: string, handler: (...args: never[]) => void): void {
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), handler]);
  }

  onAny(handler: (event: string, ...args: unknown[]) => void): void {
    this.#any.push(handler);
  }

  connect(): void {
    this.attempts.push(JSON.parse(JSON.stringify(this.auth)) as Record<string, unknown>);
  }

  disconnect(): void {
    if (this.connected) this.drop("io client disconnect");
  }

  timeout(ms: number) {
    return {
      emit: (name: string, payload: unknown, answer: (error: unknown, told: unknown) => void) => {
        const finish = (error: unknown, told: unknown) => {
          if (!this.#pending.delete(finish)) return;
          clearTimeout(timer);
          answer(error, told);
        };
        const timer = setTimeout(() => finish(new Error("operation has timed out"), undefined), ms);
        this.#pending.add(finish);
        this.asked.push({ name, payload: payload as never, answer: (told) => finish(null, told) });
      },
    };
  }

  // ------------------------------------------------------ the test's side

  /** The hub accepts and greets. */
  greet(hello: object, { live = true }: { live?: boolean } = {}): void {
    this.connected = true;
    this.receive("hello", { epoch: "e1", head: 0, resumed: false, account_id: "a", ...hello });
    if (live) this.receive("live", { account_id: "a", seq: 0 });
  }

  receive(name: string, payload: unknown, meta?: unknown): void {
    for (const handler of this.#any) handler(name, payload, meta);
  }

  refuse(why: string): void {
    this.#fire("connect_error", new Error(why));
  }

  /** The transport ends; commands under way are never answered. */
  drop(reason = "transport close"): void {
    this.connected = false;
    for (const finish of [...this.#pending]) finish(new Error("socket has been disconnected"), undefined);
    this.asked = [];
    this.#fire("disconnect", reason);
  }

  take(name: string) {
    const at = this.asked.findIndex((one) => one.name === name);
    if (at < 0) throw new Error(`${name} was not asked; asked: ${this.asked.map((one) => one.name).join(", ") || "nothing"}`);
    return this.asked.splice(at, 1)[0]!;
  }

  #fire(event: string, ...args: unknown[]): void {
    for (const handler of this.#handlers.get(event) ?? []) handler(...(args as never[]));
  }
}

/** A Storage in memory. */
export class FakeStorage {
  readonly #items = new Map<string, string>();
  get length(): number {
    return this.#items.size;
  }
  key(at: number): string | null {
    return [...this.#items.keys()][at] ?? null;
  }
  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }
  removeItem(key: string): void {
    this.#items.delete(key);
  }
}
