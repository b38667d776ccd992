import { io } from "socket.io-client";

import { Connection, type ConnectionOptions, type SocketLike } from "./connection";
import type { Id, NewMessage, Message, Thread } from "./events";
import { Outbox, type OutboxStore } from "./outbox";

export interface AgentOptions extends ConnectionOptions {
  /** Where unsent messages survive a reload. */
  store?: OutboxStore<NewMessage>;
}

const logOf = (conversation: Id) => `conversation:${conversation}`;

/** An agent's connection: the account's feed, the threads that are open, and an outbox. */
export class AgentConnection extends Connection<"agents"> {
  readonly outbox: Outbox<NewMessage, { message: Message }>;
  readonly #joined: Set<Id>;

  constructor(options: AgentOptions) {
    const joined = new Set<Id>();
    let account: Id | null = null;
    super(options, {
      namespace: "agents",
      socket: (url) => io(url, {
        autoConnect: false,
        // the connection's waits begin anew at once when the network or the page comes back, which the stock ones cannot
        reconnection: false,
        multiplex: false,
        transports: ["websocket", "polling"],
        tryAllTransports: true,
        timeout: 8_000,
      }) as SocketLike,
      resume: (positions) => ({
        since: account ? positions.get(`account:${account}`) : undefined,
        threads: Object.fromEntries([...joined].map((id) => [id, positions.get(logOf(id)) ?? null])),
      }),
      greeted: (hello, positions) => {
        account = hello.account_id;
        if (account && !hello.resumed && hello.head !== null) positions.set(`account:${account}`, hello.head);
      },
      lost: ({ log, head }, positions) => {
        const conversation = log.startsWith("conversation:") && log.slice("conversation:".length);
        if (!conversation) return;
        // without a position the next join brings the newest page
        positions.forget(log);
        if (head === null) joined.delete(conversation);
      },
    });
    this.#joined = joined;
    this.outbox = new Outbox({
      ...(options.store && { store: options.store }),
      send: (payload, patience) => this.attempt("message:send", payload, patience),
      lane: (payload) => payload.conversation_id,
    });
    this.on("hello", () => this.outbox.setOpen(true));
    this.on("state", () => this.outbox.setOpen(this.isReady));
    this.on("conversation:message", (message) => this.outbox.confirm(message.client_message_id));
  }

  /** The threads that are read, also after a break. */
  get joined(): ReadonlySet<Id> {
    return this.#joined;
  }

  /**
   * Opens a thread and goes on reading it. With `resumed`, what was missed since it was left follows as events;
   * otherwise `entries` is its newest page. After a `reset` of its log join it again: that brings the page.
   */
  async join(conversation_id: Id): Promise<Thread> {
    const log = logOf(conversation_id);
    const since = this.positions.get(log);
    const thread = await this.command("conversation:join", { conversation_id, ...(since !== undefined && { since }) });
    this.#joined.add(conversation_id);
    if (!thread.resumed) this.positions.advance(log, thread.head);
    return thread;
  }

  /** Stops reading a thread; its position is kept for the next time. */
  async leave(conversation_id: Id): Promise<void> {
    this.#joined.delete(conversation_id);
    // a connection that is not there reads nothing, and the next one will not ask for it
    if (this.isReady) await this.command("conversation:leave", { conversation_id });
  }
}

export const connectAgents = (options: AgentOptions): AgentConnection => new AgentConnection(options);
