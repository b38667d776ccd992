import { Emitter } from "./emitter";
import { CommandError, type CommandErrorCode } from "./errors";
import type { CommandsOf, Credentials, EventsOf, Meta, Namespace, Reset } from "./events";
import { Positions } from "./positions";

/**
 * - `connecting`: the first attempt, or a new one, is under way
 * - `live`: everything missed has arrived, and what happens now does
 * - `offline`: waiting for the next attempt
 * - `closed`: by us, for good
 */
export type State = "connecting" | "live" | "offline" | "closed";

/** The part of a Socket.IO socket that is used; tests give one of their own. */
export interface SocketLike {
  connected: boolean;
  auth: unknown;
  connect(): unknown;
  disconnect(): unknown;
  on(event: string, handler: (...args: never[]) => void): unknown;
  onAny(handler: (event: string, ...args: unknown[]) => void): unknown;
  timeout(ms: number): { emit(event: string, payload: unknown, answer: (error: unknown, told: unknown) => void): unknown };
}

export interface ConnectionOptions {
  /** The hub's origin, `https://hub.example`. */
  url: string;
  /** Asked at every attempt. `renew`: the last token was refused or is about to end. */
  auth: (ask: { renew: boolean }) => Credentials | Promise<Credentials>;
  /** Told of what happens below: attempts, breaks, resets. */
  logger?: (what: string, detail?: unknown) => void;
  /** Makes the socket; by default the client that the namespace's users have. */
  socket?: (url: string) => SocketLike;
}

/** What a namespace adds: how it resumes and what it learns from a greeting. */
interface Protocol<N extends Namespace> {
  namespace: N;
  socket(url: string): SocketLike;
  resume(positions: Positions): object;
  greeted?(hello: EventsOf[N]["hello"], positions: Positions): void;
  lost?(reset: Reset, positions: Positions): void;
}

type Told<N extends Namespace> = {
  [E in keyof EventsOf[N]]: (payload: EventsOf[N][E], meta: Meta) => void;
} & {
  state: (state: State) => void;
  /** Why the hub refused a connection: `unauthorized`, `forbidden`, `rate_limited`, `server_draining`, `origin_not_allowed`. */
  refused: (why: string) => void;
};

type Payload<N extends Namespace, C extends keyof CommandsOf[N]> = CommandsOf[N][C] extends { payload: infer P } ? P : never;
type Answer<N extends Namespace, C extends keyof CommandsOf[N]> = CommandsOf[N][C] extends { data: infer A } ? A : never;

const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 30_000;
/** From the transport's opening to the greeting; then the attempt has failed. */
const ATTEMPT = 10_000;
/** What Socket.IO calls a disconnection that this side asked for. */
const OURS = "io client disconnect";
const REFUSALS = new Set(["unauthorized", "forbidden", "rate_limited", "server_draining", "origin_not_allowed"]);
/** Refusals that only somebody's decision can change. */
const LASTING = ["forbidden", "origin_not_allowed"];
/** Nothing at all heard for so long after a question: the network is dead, whatever the socket believes. */
const DEAD_AFTER = 4_000;

export class Connection<N extends Namespace> {
  readonly positions = new Positions();
  readonly #emitter = new Emitter();
  readonly #socket: SocketLike;
  #state: State = "connecting";
  /** Commands may be sent: the hub has greeted us. */
  #greeted = false;
  #attempts = 0;
  #renew = false;
  /** Guards against an attempt that was overtaken by a newer one while it waited for its token. */
  #attempt = 0;
  #heard = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #drain: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly options: ConnectionOptions,
    readonly protocol: Protocol<N>,
  ) {
    const make = options.socket ?? protocol.socket;
    this.#socket = make(`${options.url}/${protocol.namespace}`);
    this.#listen();
    void this.#open();
  }

  get state(): State {
    return this.#state;
  }

  on<E extends keyof Told<N> & string>(event: E, handler: Told<N>[E]): () => void {
    return this.#emitter.on(event, handler as never);
  }

  /**
   * Asks the hub to do something. Without a connection it waits for one as long as `timeout` allows; it is
   * never sent twice.
   */
  async command<C extends keyof CommandsOf[N] & string>(
    name: C,
    payload: Payload<N, C>,
    { timeout = 10_000 }: { timeout?: number } = {},
  ): Promise<Answer<N, C>> {
    const began = Date.now();
    await this.#ready(timeout);
    return this.#ask(name, payload, Math.max(1, timeout - (Date.now() - began))) as never;
  }

  /**
   * A command that is harmless to repeat, sent only over a living connection: when nothing at all is heard for
   * a few seconds after it, the transport is given up and made anew.
   */
  async attempt<C extends keyof CommandsOf[N] & string>(
    name: C,
    payload: Payload<N, C>,
    patience = DEAD_AFTER,
  ): Promise<Answer<N, C>> {
    if (!this.#greeted) throw new CommandError("offline", "not connected");
    const asked = Date.now();
    const watch = setTimeout(() => {
      if (this.#greeted && this.#heard < asked) this.restart("no answer");
    }, patience);
    try {
      return (await this.#ask(name, payload, Math.max(12_000, 2 * patience))) as never;
    } finally {
      clearTimeout(watch);
    }
  }

  /** Whether commands can be sent now. */
  get isReady(): boolean {
    return this.#greeted;
  }

  /** Gives the transport up and makes a new one at once. */
  restart(why: string): void {
    if (this.#state === "closed") return;
    this.#log("restart", why);
    this.#greeted = false;
    this.#socket.disconnect();
    void this.#open();
  }

  /** Ends the connection for good. */
  close(): void {
    if (this.#state === "closed") return;
    this.#attempt++;
    clearTimeout(this.#retry);
    clearTimeout(this.#drain);
    this.#greeted = false;
    this.#become("closed");
    this.#socket.disconnect();
    if (typeof addEventListener === "function") {
      removeEventListener("online", this.#wake);
      document.removeEventListener("visibilitychange", this.#wake);
    }
  }

  async #open(): Promise<void> {
    clearTimeout(this.#retry);
    const mine = ++this.#attempt;
    this.#become("connecting");
    this.#retry = setTimeout(() => {
      this.#log("no greeting");
      this.#socket.disconnect();
      this.#later();
    }, ATTEMPT);
    try {
      const credentials = await this.options.auth({ renew: this.#renew });
      if (mine !== this.#attempt) return;
      this.#socket.auth = { ...credentials, epoch: this.positions.epoch, ...this.protocol.resume(this.positions) };
    } catch (error) {
      if (mine !== this.#attempt) return;
      this.#log("auth failed", error);
      this.#later();
      return;
    }
    this.#socket.connect();
  }

  /** Tries again after a wait that grows from one or two seconds to half a minute, never the same for two clients. */
  #later(wait?: number): void {
    if (this.#state === "closed") return;
    clearTimeout(this.#retry);
    this.#attempt++;
    this.#greeted = false;
    this.#become("offline");
    const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempts++);
    this.#retry = setTimeout(() => void this.#open(), wait ?? 1_000 + Math.random() * (most - 1_000));
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("connect_error", (error: Error) => {
      this.#log("refused", error.message);
      const why = error.message;
      const renews = why === "unauthorized" && !this.#renew;
      if (why === "unauthorized") this.#renew = true;
      // a refusal comes from the hub; anything else is the network's, and no news for the page
      if (REFUSALS.has(why)) this.#emitter.emit("refused", why);
      socket.disconnect();
      this.#later(renews ? 0 : LASTING.includes(why) ? LONGEST_WAIT : undefined);
    });
    socket.on("disconnect", (reason: string) => {
      if (reason === OURS) return;
      this.#log("disconnected", reason);
      this.#later();
    });
    socket.onAny((name, payload, meta) => {
      this.#heard = Date.now();
      this.#receive(name, payload, meta as Meta | undefined);
    });
    if (typeof addEventListener === "function") {
      addEventListener("online", this.#wake);
      document.addEventListener("visibilitychange", this.#wake);
    }
  }

  #receive(name: string, payload: unknown, meta: Meta | undefined): void {
    switch (name) {
      case "hello": {
        const hello = payload as EventsOf[N]["hello"];
        if (this.positions.adopt(hello.epoch)) this.#log("another epoch", hello.epoch);
        this.protocol.greeted?.(hello, this.positions);
        clearTimeout(this.#retry);
        this.#greeted = true;
        this.#renew = false;
        this.#attempts = 0;
        break;
      }
      case "reset": {
        const { log, head } = payload as Reset;
        this.#log("reset", payload);
        if (head === null) this.positions.forget(log);
        else this.positions.set(log, head);
        this.protocol.lost?.(payload as Reset, this.positions);
        break;
      }
      case "feed:position": {
        const { account_id, seq } = payload as { account_id: string; seq: number };
        this.positions.advance(`account:${account_id}`, seq);
        break;
      }
      case "auth:expiring":
        void this.#refresh();
        break;
      case "auth:expired":
        this.#renew = true;
        break;
      case "server:draining": {
        const { reconnect_in_ms } = payload as { reconnect_in_ms: number };
        clearTimeout(this.#drain);
        this.#drain = setTimeout(() => this.restart("draining"), reconnect_in_ms);
        break;
      }
    }
    if (meta?.log && !this.positions.accept(meta)) return;
    this.#emitter.emit(name, payload, meta);
    if (name === "live" || (name === "hello" && (payload as { account_id: unknown }).account_id === null)) {
      this.#become("live");
    }
  }

  /** The page or the network is back: what waits goes on at once, and what only seems to live is asked. */
  readonly #wake = (event: Event): void => {
    if (event.type === "visibilitychange" && document.hidden) return;
    if (this.#state === "offline" || (event.type === "online" && this.#state === "connecting")) {
      this.#attempts = 0;
      this.restart(event.type);
    } else if (this.#greeted) {
      // any answer will do, a refusal too
      this.attempt("conversation:typing:stop" as never, {} as never).catch(() => {});
    }
  };

  async #refresh(): Promise<void> {
    try {
      const { token } = await this.options.auth({ renew: true });
      await this.command("auth:refresh" as never, { token } as never);
    } catch (error) {
      // the hub closes the socket when the token ends, and the next attempt asks for another
      this.#renew = true;
      this.#log("refresh failed", error);
    }
  }

  async #ready(timeout: number): Promise<void> {
    if (this.#greeted) return;
    if (this.#state === "closed") throw new CommandError("offline", "the connection is closed");
    await new Promise<void>((done, fail) => {
      const finish = (failed?: Error) => {
        clearTimeout(timer);
        offs.forEach((off) => off());
        if (failed) fail(failed);
        else done();
      };
      const timer = setTimeout(() => finish(new CommandError("offline", "not connected")), timeout);
      const offs = [
        this.#emitter.on("hello", () => finish()),
        this.#emitter.on("state", (state: State) => {
          if (state === "closed") finish(new CommandError("offline", "the connection is closed"));
        }),
      ];
    });
  }

  #ask(name: string, payload: unknown, timeout: number): Promise<unknown> {
    return new Promise((done, fail) => {
      this.#socket.timeout(timeout).emit(name, payload, (error, told) => {
        if (error) {
          const code = this.#greeted && this.#socket.connected ? "timeout" : "offline";
          fail(new CommandError(code, code === "timeout" ? "no answer in time" : "the connection was lost"));
          return;
        }
        this.#heard = Date.now();
        const answer = told as { ok: boolean; data: unknown; error?: { code: string; message: string; details?: object } };
        if (answer.ok) done(answer.data);
        else fail(new CommandError(answer.error!.code as CommandErrorCode, answer.error!.message, { ...answer.error!.details }));
      });
    });
  }

  #become(state: State): void {
    if (state === this.#state || this.#state === "closed") return;
    this.#state = state;
    this.#emitter.emit("state", state);
  }

  #log(what: string, detail?: unknown): void {
    this.options.logger?.(what, detail);
  }
}

