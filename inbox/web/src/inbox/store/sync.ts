import {
  CommandError,
  connectAgents,
  keyedStore,
  type AgentCommands,
  type AgentConnection,
  type AgentEvents,
  type Availability,
  type Conversation,
  type Id,
  type NewMessage,
} from "@turumba/realtime";

import { accessToken, renew } from "@/api/session";
import { InboxStore } from "./inbox";
import { Pump } from "./pump";
import { asked, type ListQuery, type Viewer } from "./query";
import { prepend, startOver } from "./thread";

/** The first page fills a screen; the following ones keep ahead of a scrolling hand. */
const FIRST_PAGE = 60;
const NEXT_PAGE = 200;
const OLDER_PAGE = 100;
/** Threads that stay joined after another was opened, so that going back shows them at once. */
const KEPT_THREADS = 8;
const COUNTS_EVERY_MS = 1_500;

type Told = { [E in keyof AgentEvents]: [name: E, payload: AgentEvents[E]] }[keyof AgentEvents];

export type Notice =
  | { kind: "assignment" | "mention" | "message"; conversation: Conversation; reason?: string | null }
  | { kind: "silence"; channel: AgentEvents["channel:silence"] };

/** Keeps the store in step with the hub: reads lists and threads, follows both logs, carries commands. */
export class InboxSync {
  readonly store: InboxStore;
  readonly connection: AgentConnection;
  readonly #pump = new Pump<Told>((next) => this.#apply(next));
  readonly #recent: Id[] = [];
  readonly #notices = new Set<(notice: Notice) => void>();
  #shown: ListQuery | null = null;
  #counting: ReturnType<typeof setTimeout> | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly accountId: Id,
    viewer: Viewer,
  ) {
    this.store = new InboxStore(viewer);
    this.connection = connectAgents({
      url: location.origin,
      auth: async (ask) => ({ token: ask.renew ? await renew() : await accessToken(), account_id: accountId }),
      store: keyedStore<NewMessage>(localStorage, `turumba.outbox.${viewer.userId}.${accountId}.`),
    });
    this.#listen();
  }

  close(): void {
    clearTimeout(this.#counting);
    clearTimeout(this.#typing);
    this.connection.close();
  }

  /** Told what somebody might want to be called for. */
  onNotice(handler: (notice: Notice) => void): () => void {
    this.#notices.add(handler);
    return () => this.#notices.delete(handler);
  }

  // ------------------------------------------------------------------ events

  #listen(): void {
    const { connection, store } = this;
    const events = [
      "conversation:new",
      "conversation:updated",
      "conversation:hidden",
      "notification:assignment",
      "notification:mention",
      "channel:silence",
      "conversation:message",
      "message:status",
      "conversation:typing",
      "conversation:viewers",
      "agent:presence",
      "queue:update",
      "reset",
      "hello",
    ] as const;
    for (const name of events) {
      connection.on(name, ((payload: never) => this.#pump.push([name, payload] as Told)) as never);
    }
    connection.on("state", (state) => store.set({ connection: state }));
    const { outbox } = connection;
    outbox.onChange(() => store.setPending(outbox.entries));
    outbox.onSent((_, { message }) => store.putMessage(message));
    store.setPending(outbox.entries);
  }

  #apply(next: () => Told | undefined): void {
    this.store.batch(() => {
      for (let told = next(); told; told = next()) this.#one(told);
    });
  }

  #one([name, payload]: Told): void {
    const { store } = this;
    switch (name) {
      case "conversation:new":
      case "conversation:updated": {
        const before = store.conversation(payload.id);
        store.putConversation(payload);
        this.#countSoon();
        if (payload.unread_count > (before?.unread_count ?? 0) && payload.last_sender_type === "contact") {
          this.#notify({ kind: "message", conversation: payload });
        }
        break;
      }
      case "conversation:hidden":
        store.hide(payload.conversation_id);
        this.#countSoon();
        break;
      case "notification:assignment":
        if (payload.assigned_by !== store.viewer.userId) {
          void this.#notifyOf("assignment", payload.conversation_id, payload.rule_name ?? payload.reason);
        }
        break;
      case "notification:mention":
        void this.#notifyOf("mention", payload.conversation_id);
        if (this.#shown?.view === "mentions") void this.openList(this.#shown, true);
        this.#countSoon();
        break;
      case "channel:silence":
        this.#notify({ kind: "silence", channel: payload });
        break;
      case "conversation:message":
        store.putMessage(payload);
        if (payload.conversation_id) {
          const key = payload.sender_type === "contact" ? "customer" : (payload.sender_id ?? "");
          store.typing(payload.conversation_id, { key, name: null, isCustomer: false, until: 0 }, false);
        }
        break;
      case "message:status":
        store.putStatus(payload);
        break;
      case "conversation:typing": {
        const { user_id, typing, sender_type, expires_in_ms } = payload;
        if (user_id === store.viewer.userId) break;
        const isCustomer = sender_type === "contact";
        const until = Date.now() + (expires_in_ms ?? 5_000);
        const key = isCustomer ? "customer" : (user_id ?? "");
        store.typing(payload.conversation_id, { key, name: payload.name, isCustomer, until }, typing);
        this.#expireTyping();
        break;
      }
      case "conversation:viewers":
        if (store.thread(payload.conversation_id)) {
          store.setThread(payload.conversation_id, (thread) => ({ ...thread, viewers: payload.viewers }));
        }
        break;
      case "agent:presence":
        store.setPresence(payload.agents, false);
        break;
      case "queue:update":
        store.set({ queue: payload });
        break;
      case "hello":
        this.#greeted(payload);
        break;
      case "reset":
        this.#reset(payload);
        break;
    }
  }

  #greeted(hello: AgentEvents["hello"]): void {
    if (hello.presence) this.store.setPresence(hello.presence, true);
    if (hello.queue) this.store.set({ queue: hello.queue });
    if (hello.resumed) return;
    this.store.forgetLists(this.#shown);
    if (this.#shown) void this.openList(this.#shown, true);
  }

  #reset({ log, head }: AgentEvents["reset"]): void {
    if (log.startsWith("account:")) {
      this.store.forgetLists(this.#shown);
      if (this.#shown) void this.openList(this.#shown, true);
      return;
    }
    const id = log.slice("conversation:".length);
    if (head === null) this.store.hide(id);
    else if (this.store.thread(id)) void this.openThread(id, true);
  }

  #expireTyping(): void {
    clearTimeout(this.#typing);
    const next = this.store.expireTyping(Date.now());
    if (next !== null) this.#typing = setTimeout(() => this.#expireTyping(), Math.max(50, next - Date.now()));
  }

  #notify(notice: Notice): void {
    for (const handler of this.#notices) handler(notice);
  }

  async #notifyOf(kind: "assignment" | "mention", id: Id, reason?: string | null): Promise<void> {
    const conversation = this.store.conversation(id) ?? (await this.#read(id));
    if (conversation) this.#notify({ kind, conversation, reason: reason ?? null });
  }

  async #read(id: Id): Promise<Conversation | null> {
    try {
      // a short visit: joining is how the socket shows one conversation
      const thread = await this.connection.command("conversation:join", { conversation_id: id });
      this.store.putConversation(thread.conversation);
      if (!this.store.thread(id)) await this.connection.leave(id);
      return thread.conversation;
    } catch {
      return null;
    }
  }

  // ------------------------------------------------------------------ lists

  /** Shows a list; what is known of it stands there at once. */
  async openList(query: ListQuery, afresh = false): Promise<void> {
    this.#shown = query;
    if (!afresh && this.store.list(query).phase === "ready") return;
    try {
      const page = await this.connection.command("inbox:list", { ...asked(query), limit: FIRST_PAGE } as never);
      this.#takePage(query, page, true);
    } catch {
      // a connection that is lost reads the list again when it is back
      if (this.store.list(query).phase !== "ready") this.store.updateList(query, (list) => (list.phase = "failed"));
    }
  }

  async loadMore(query: ListQuery): Promise<void> {
    const list = this.store.list(query);
    if (list.loadingMore || list.cursor === null || list.phase !== "ready") return;
    const cursor = list.cursor;
    this.store.updateList(query, (one) => (one.loadingMore = true));
    try {
      const page = await this.connection.command("inbox:list", { ...asked(query), cursor, limit: NEXT_PAGE } as never);
      this.#takePage(query, page, false);
    } catch {
      this.store.updateList(query, (one) => (one.loadingMore = false));
    }
  }

  #takePage(query: ListQuery, page: AgentCommands["inbox:list"]["data"], isFirst: boolean): void {
    this.store.batch(() => {
      for (const one of page.conversations) this.store.putConversation(one);
      this.store.updateList(query, (list) => list.take(page.conversations, page.next_cursor, isFirst));
      this.store.set({ counts: page.counts });
    });
  }

  /** Counts follow events, but not each of them. */
  #countSoon(): void {
    this.#counting ??= setTimeout(async () => {
      try {
        const page = await this.connection.command("inbox:list", { view: "mine", limit: 1 });
        this.store.set({ counts: page.counts });
      } catch {
        // the next event asks again
      } finally {
        this.#counting = undefined;
      }
    }, COUNTS_EVERY_MS);
  }

  // ------------------------------------------------------------------ threads

  /** Opens a thread, or goes on with one that is still open. */
  async openThread(id: Id, afresh = false): Promise<void> {
    this.#keep(id);
    const { store } = this;
    if (!afresh && store.thread(id)?.phase === "ready" && this.connection.joined.has(id)) return;
    if (!store.thread(id)) store.setThread(id, (thread) => thread);
    // a position without its messages would skip what came before it
    const isKnown = !afresh && store.thread(id)?.phase === "ready";
    try {
      if (!isKnown) this.connection.positions.forget(`conversation:${id}`);
      const told = await this.connection.join(id);
      store.batch(() => {
        store.putConversation(told.conversation);
        store.setThread(id, (thread) => ({
          ...thread,
          phase: "ready",
          error: null,
          ...(told.resumed ? {} : startOver(thread, told.entries, told.has_more)),
          contact: told.contact,
          contactOnline: told.contact_online,
          viewers: told.viewers,
          replyWindowEndsAt: told.reply_window.ends_at,
          readSeq: told.read_seq,
          head: told.head,
        }));
      });
    } catch (error) {
      const gone = error instanceof CommandError && !error.isTransient;
      store.setThread(id, (thread) =>
        thread.phase === "ready" && !gone
          ? thread
          : { ...thread, phase: "failed", error: error instanceof CommandError ? error.code : "internal_error" },
      );
    }
  }

  async loadOlder(id: Id): Promise<void> {
    const thread = this.store.thread(id);
    if (!thread?.hasMore || thread.loadingOlder) return;
    const before = thread.messages[0]?.seq;
    if (!before) return;
    this.store.setThread(id, (one) => ({ ...one, loadingOlder: true }));
    try {
      const page = await this.connection.command("conversation:history", {
        conversation_id: id,
        before,
        limit: OLDER_PAGE,
      });
      this.store.setThread(id, (one) => prepend(one, page.entries, page.has_more));
    } catch {
      this.store.setThread(id, (one) => ({ ...one, loadingOlder: false }));
    }
  }

  #keep(id: Id): void {
    const at = this.#recent.indexOf(id);
    if (at >= 0) this.#recent.splice(at, 1);
    this.#recent.push(id);
    while (this.#recent.length > KEPT_THREADS) {
      const oldest = this.#recent.shift()!;
      this.store.dropThread(oldest);
      void this.connection.leave(oldest).catch(() => {});
    }
  }

  // ------------------------------------------------------------------ commands

  send(message: NewMessage): void {
    this.connection.outbox.add(message);
  }

  /** Does something to one conversation and shows what became of it. */
  async change<C extends "conversation:assign" | "conversation:status" | "conversation:update">(
    name: C,
    payload: AgentCommands[C]["payload"],
  ): Promise<Conversation> {
    const told = (await this.connection.command(name, payload as never)) as { conversation: Conversation };
    this.store.putConversation(told.conversation);
    return told.conversation;
  }

  retry(messageId: Id): Promise<void> {
    return this.#changeMessage("message:retry", messageId);
  }

  /** Takes a message back that waits for its time. */
  cancel(messageId: Id): Promise<void> {
    return this.#changeMessage("message:cancel", messageId);
  }

  async #changeMessage(name: "message:retry" | "message:cancel", messageId: Id): Promise<void> {
    const { message } = await this.connection.command(name, { message_id: messageId });
    this.store.batch(() => {
      this.store.putStatus({
        conversation_id: message.conversation_id!,
        account_id: message.account_id,
        message_id: message.id,
        status: message.status,
        error: message.error,
        read_at: message.read_at,
      });
    });
  }

  async setAvailability(status: Availability): Promise<void> {
    await this.connection.command("agent:status", { status, account_id: this.accountId });
    this.store.setPresence([{ user_id: this.store.viewer.userId, status }], false);
  }

  /** Says how far one has read. A lost mark is no harm: the next one says more. */
  markRead(id: Id, seq: number): void {
    this.connection.command("conversation:read", { conversation_id: id, seq }, { timeout: 3_000 }).catch(() => {});
  }

  setTyping(id: Id, isTyping: boolean): void {
    if (!this.connection.isReady) return;
    const name = isTyping ? "conversation:typing:start" : "conversation:typing:stop";
    this.connection.command(name, { conversation_id: id }, { timeout: 3_000 }).catch(() => {});
  }
}
