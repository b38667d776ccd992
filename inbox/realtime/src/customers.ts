import { Connection, type ConnectionOptions } from "./connection";
import { LeanSocket } from "./lean";
import type { Id, NewVisitorMessage, PublicConversation, PublicMessage } from "./events";
import { Outbox, type OutboxStore } from "./outbox";

export interface CustomerOptions extends ConnectionOptions {
  /** Where unsent messages survive a reload. */
  store?: OutboxStore<NewVisitorMessage>;
}

/** A visitor's connection: their one thread, and an outbox. */
export class CustomerConnection extends Connection<"customers"> {
  readonly outbox: Outbox<NewVisitorMessage, { message: PublicMessage; conversation: PublicConversation }>;

  constructor(options: CustomerOptions) {
    let conversation: Id | null = null;
    super(options, {
      namespace: "customers",
      socket: (url) => new LeanSocket(url),
      resume: (positions) => conversation
        ? { conversation_id: conversation, since: positions.get(`conversation:${conversation}`) }
        : {},
      greeted: (hello, positions) => {
        conversation = hello.conversation?.id ?? null;
        if (conversation && !hello.resumed && hello.head !== null) positions.set(`conversation:${conversation}`, hello.head);
      },
    });
    this.outbox = new Outbox({
      ...(options.store && { store: options.store }),
      send: (payload, patience) => this.attempt("message:send", payload, patience),
    });
    // the first message opens a conversation, or another one after that was closed
    this.outbox.onSent((_, told) => (conversation = told.conversation.id));
    this.on("hello", () => this.outbox.setOpen(true));
    this.on("state", () => this.outbox.setOpen(this.isReady));
    this.on("conversation:message", (message) => {
      conversation = message.conversation_id ?? conversation;
      this.outbox.confirm(message.client_message_id);
    });
  }
}

export const connectCustomers = (options: CustomerOptions): CustomerConnection => new CustomerConnection(options);
