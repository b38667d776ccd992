import type { Id, Message, MessageStatus, Thread } from "@turumba/realtime";

export interface Typist {
  key: string;
  name: string | null;
  isCustomer: boolean;
  until: number;
}

/** What is known of an open thread. Replaced as a whole; `messages` is in the order of the thread's log. */
export interface ThreadState {
  id: Id;
  phase: "loading" | "ready" | "failed";
  error: string | null;
  messages: readonly Message[];
  hasMore: boolean;
  loadingOlder: boolean;
  contact: Thread["contact"] | null;
  contactOnline: boolean;
  viewers: Thread["viewers"];
  replyWindowEndsAt: string | null;
  /** One's own read mark when the thread was opened: the line "new" stands behind it. */
  readSeq: number;
  head: number;
  typing: readonly Typist[];
}

export const emptyThread = (id: Id): ThreadState => ({
  id,
  phase: "loading",
  error: null,
  messages: [],
  hasMore: false,
  loadingOlder: false,
  contact: null,
  contactOnline: false,
  viewers: [],
  replyWindowEndsAt: null,
  readSeq: 0,
  head: 0,
  typing: [],
});

const byId = new WeakMap<readonly Message[], Map<Id, Message>>();

/** A message of a thread by its id. The index is made once for each state of the thread, when it is asked for. */
export function messageOf(thread: ThreadState | undefined, id: Id): Message | undefined {
  if (!thread) return undefined;
  let index = byId.get(thread.messages);
  if (!index) byId.set(thread.messages, (index = new Map(thread.messages.map((message) => [message.id, message]))));
  return index.get(id);
}

/** Messages of a thread on the way from one state to the next: copied once for a batch of events. */
export class Draft {
  readonly messages: Message[];
  readonly #at = new Map<Id, number>();

  constructor(before: readonly Message[]) {
    this.messages = [...before];
    before.forEach((message, at) => this.#at.set(message.id, at));
  }

  /**
   * Adds a message, or takes its newer look (its files were fetched, it was edited) at its old place. One that waited
   * for its time enters the thread anew when that has come.
   */
  put(message: Message): void {
    const at = this.#at.get(message.id);
    if (at !== undefined) {
      const old = this.messages[at]!;
      const isDue = old.status === "scheduled" && message.status !== "scheduled";
      const seq = isDue ? message.seq : (old.seq ?? message.seq);
      this.messages[at] = { ...message, ...furthest(old, message), seq };
      if (isDue) this.#sort();
      return;
    }
    const last = this.messages.at(-1);
    if (!last || (last.seq ?? 0) <= (message.seq ?? Infinity)) {
      this.#at.set(message.id, this.messages.length);
      this.messages.push(message);
    } else {
      this.messages.push(message);
      this.#sort();
    }
  }

  #sort(): void {
    this.messages.sort((a, b) => (a.seq ?? Infinity) - (b.seq ?? Infinity));
    this.messages.forEach((one, index) => this.#at.set(one.id, index));
  }

  status(id: Id, status: MessageStatus, error: Message["error"], readAt: string | null): void {
    const at = this.#at.get(id);
    if (at === undefined) return;
    const old = this.messages[at]!;
    this.messages[at] =
      status === "read"
        ? { ...old, read_at: readAt ?? old.read_at ?? new Date().toISOString() }
        : { ...old, status, error };
  }
}

const STEPS: MessageStatus[] = ["scheduled", "queued", "sending", "sent", "delivered", "read"];

/** An acknowledgement may be older than the ticks that overtook it. */
function furthest(old: Message, next: Message): Pick<Message, "status" | "error" | "read_at"> {
  const ahead = STEPS.indexOf(old.status) > STEPS.indexOf(next.status) && STEPS.includes(next.status);
  return {
    status: ahead ? old.status : next.status,
    error: ahead ? old.error : next.error,
    read_at: next.read_at ?? old.read_at,
  };
}

/** An older page in front. */
export function prepend(state: ThreadState, page: readonly Message[], hasMore: boolean): ThreadState {
  // what overlaps is what is not older
  const first = state.messages[0]?.seq ?? Infinity;
  const fresh = page.filter((message) => (message.seq ?? 0) < first);
  return { ...state, messages: [...fresh, ...state.messages], hasMore, loadingOlder: false };
}

/** The newest page in place of what was there, but for what happened after the page was read. */
export function startOver(
  state: ThreadState,
  page: readonly Message[],
  hasMore: boolean,
): Pick<ThreadState, "messages" | "hasMore" | "loadingOlder"> {
  const last = page.at(-1)?.seq ?? 0;
  const later = state.messages.filter((message) => (message.seq ?? 0) > last);
  return { messages: [...page, ...later], hasMore, loadingOlder: false };
}
