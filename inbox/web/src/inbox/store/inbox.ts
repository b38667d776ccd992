import type {
  AgentEvents,
  Availability,
  Conversation,
  Counts,
  Id,
  Message,
  NewMessage,
  Outgoing,
  Queue,
  State,
  Thread,
} from "@turumba/realtime";

import { External } from "@/lib/external";
import { List } from "./list";
import { keyOf, type ListQuery, type Viewer } from "./query";
import { Draft, emptyThread, type ThreadState, type Typist } from "./thread";

type Pending = Outgoing<NewMessage>;
type Contact = Thread["contact"];

const NONE: readonly never[] = [];
/** Lists that are kept up to date although another one is shown. */
const KEPT_LISTS = 8;

/** What changes while a batch of events is applied; settled at its end. */
interface Batch {
  conversations: Set<Id>;
  drafts: Map<Id, Draft>;
  changed: boolean;
}

/** Conversations, lists and threads, as the two logs tell them. Knows nothing of networks or of React. */
export class InboxStore extends External {
  readonly conversations = new Map<Id, Conversation>();
  /** Those that one has and that wait for an answer: kept, because each change of anything would count them anew. */
  readonly unread = new Set<Id>();
  readonly threads = new Map<Id, ThreadState>();
  readonly lists = new Map<string, List>();
  counts: Partial<Counts> = {};
  presence: ReadonlyMap<Id, Availability> = new Map();
  queue: Queue | null = null;
  connection: State = "connecting";
  pending: ReadonlyMap<Id, readonly Pending[]> = new Map();
  #batch: Batch | null = null;

  constructor(public viewer: Viewer) {
    super();
  }

  // ------------------------------------------------------------------ reading

  conversation(id: Id): Conversation | undefined {
    return this.conversations.get(id);
  }

  thread(id: Id): ThreadState | undefined {
    return this.threads.get(id);
  }

  pendingOf(id: Id): readonly Pending[] {
    return this.pending.get(id) ?? NONE;
  }

  /** The list of a question; made when it is asked for the first time. */
  list(query: ListQuery): List {
    const key = keyOf(query);
    const known = this.lists.get(key);
    if (known) {
      // the one that was looked at last is the last to be forgotten
      this.lists.delete(key);
      this.lists.set(key, known);
      return known;
    }
    const list = new List(query, (id) => this.conversations.get(id));
    this.lists.set(key, list);
    const [oldest] = this.lists.keys();
    if (this.lists.size > KEPT_LISTS && oldest) this.lists.delete(oldest);
    return list;
  }

  // ------------------------------------------------------------------ changing

  /** Does several changes and tells readers once. */
  batch(work: () => void): void {
    if (this.#batch) return work();
    const batch: Batch = { conversations: new Set(), drafts: new Map(), changed: false };
    this.#batch = batch;
    try {
      work();
    } finally {
      this.#batch = null;
    }
    for (const [id, draft] of batch.drafts) {
      const thread = this.threads.get(id);
      if (thread) this.threads.set(id, { ...thread, messages: draft.messages });
    }
    if (batch.conversations.size) {
      const changed = [...batch.conversations].flatMap((id) => this.conversations.get(id) ?? []);
      for (const list of this.lists.values()) list.follow(changed, this.viewer);
    }
    if (batch.changed || batch.drafts.size || batch.conversations.size) this.notify();
  }

  #change(work: (batch: Batch) => void): void {
    this.batch(() => {
      this.#batch!.changed = true;
      work(this.#batch!);
    });
  }

  putConversation(one: Conversation): void {
    const old = this.conversations.get(one.id);
    if (old && old.version >= one.version) return;
    this.#change((batch) => {
      this.conversations.set(one.id, one);
      if (one.status === "assigned" && one.assignee_id === this.viewer.userId && one.unread_count > 0)
        this.unread.add(one.id);
      else this.unread.delete(one.id);
      batch.conversations.add(one.id);
    });
  }

  /** A contact has other facts now: its conversations and open threads show them. */
  putContact(contact: Omit<Contact, "identifiers" | "visitor">): void {
    const { id, name, phone, email } = contact;
    this.#change(() => {
      for (const one of this.conversations.values()) {
        if (one.contact_id === id) this.conversations.set(one.id, { ...one, contact: { id, name, phone, email } });
      }
      for (const thread of this.threads.values()) {
        if (thread.contact?.id !== id) continue;
        this.threads.set(thread.id, { ...thread, contact: { ...thread.contact, ...contact } });
      }
    });
  }

  hide(id: Id): void {
    this.#change((batch) => {
      this.conversations.delete(id);
      this.unread.delete(id);
      this.threads.delete(id);
      batch.conversations.delete(id);
      batch.drafts.delete(id);
      for (const list of this.lists.values()) list.drop(id);
    });
  }

  updateList(query: ListQuery, work: (list: List) => void): void {
    this.#change(() => work(this.list(query)));
  }

  /** Forgets all lists but the shown one: what they held may be seen no more. */
  forgetLists(shown: ListQuery | null): void {
    this.#change(() => {
      const kept = shown && keyOf(shown);
      for (const key of [...this.lists.keys()]) if (key !== kept) this.lists.delete(key);
    });
  }

  setThread(id: Id, change: (thread: ThreadState) => ThreadState): void {
    this.#change((batch) => {
      const draft = batch.drafts.get(id);
      const thread = this.threads.get(id) ?? emptyThread(id);
      batch.drafts.delete(id);
      this.threads.set(id, change(draft ? { ...thread, messages: draft.messages } : thread));
    });
  }

  dropThread(id: Id): void {
    this.#change(() => this.threads.delete(id));
  }

  putMessage(message: Message): void {
    const id = message.conversation_id;
    if (!id || !this.threads.has(id)) return;
    this.#change((batch) => this.#draft(batch, id).put(message));
  }

  putStatus(told: AgentEvents["message:status"]): void {
    if (!this.threads.has(told.conversation_id)) return;
    this.#change((batch) =>
      this.#draft(batch, told.conversation_id).status(told.message_id, told.status, told.error, told.read_at),
    );
  }

  #draft(batch: Batch, id: Id): Draft {
    let draft = batch.drafts.get(id);
    if (!draft) batch.drafts.set(id, (draft = new Draft(this.threads.get(id)!.messages)));
    return draft;
  }

  typing(id: Id, typist: Typist, isTyping: boolean): void {
    if (!this.threads.has(id)) return;
    this.setThread(id, (thread) => {
      const others = thread.typing.filter((one) => one.key !== typist.key);
      return { ...thread, typing: isTyping ? [...others, typist] : others };
    });
  }

  /** Takes away who has not typed for a while. Returns when to look again. */
  expireTyping(now: number): number | null {
    let next: number | null = null;
    this.batch(() => {
      for (const thread of this.threads.values()) {
        if (!thread.typing.length) continue;
        const still = thread.typing.filter((typist) => typist.until > now);
        if (still.length < thread.typing.length) this.setThread(thread.id, (one) => ({ ...one, typing: still }));
        for (const typist of still) next = Math.min(next ?? Infinity, typist.until);
      }
    });
    return next;
  }

  setPresence(agents: readonly { user_id: Id; status: Availability }[], isSnapshot: boolean): void {
    this.#change(() => {
      const presence = new Map(isSnapshot ? [] : this.presence);
      for (const { user_id, status } of agents) presence.set(user_id, status);
      this.presence = presence;
    });
  }

  setPending(entries: readonly Pending[]): void {
    this.#change(() => {
      const pending = new Map<Id, Pending[]>();
      for (const entry of entries) {
        const id = entry.payload.conversation_id;
        // a copy: the outbox changes its entries in place
        pending.set(id, [...(pending.get(id) ?? []), { ...entry }]);
      }
      this.pending = pending;
    });
  }

  set(change: Partial<Pick<InboxStore, "counts" | "queue" | "connection" | "viewer">>): void {
    this.#change(() => Object.assign(this, change));
  }
}
