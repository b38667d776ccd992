import type { Conversation, Message } from "@turumba/realtime";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { InboxStore } from "./inbox";
import type { ListQuery } from "./query";

const ME = "me";
const at = (minute: number) => `2026-11-25T10:${String(minute).padStart(2, "0")}:00Z`;

function conversation(id: string, more: Partial<Conversation> = {}): Conversation {
  return {
    id,
    conversation_id: id,
    account_id: "a",
    channel_id: "c",
    channel_type: "sms",
    contact_id: `p-${id}`,
    contact: { id: `p-${id}`, name: `Contact ${id}`, phone: null, email: null },
    contact_identifier: id,
    status: "open",
    priority: "normal",
    assignee_id: null,
    assignee: null,
    team_id: null,
    subject: null,
    labels: [],
    language: null,
    bot_state: "active",
    queued_at: null,
    waiting_since: null,
    first_reply_at: null,
    resolved_at: null,
    csat_rating: null,
    csat_comment: null,
    last_message_at: at(0),
    last_message_preview: null,
    last_sender_type: null,
    unread_count: 0,
    head: 1,
    version: 1,
    created_at: at(0),
    updated_at: at(0),
    ...more,
  };
}

function message(id: string, seq: number, more: Partial<Message> = {}): Message {
  return {
    id,
    message_id: id,
    conversation_id: "1",
    seq,
    content: id,
    status: "queued",
    read_at: null,
    error: null,
    created_at: at(seq),
    ...more,
  } as Message;
}

const ALL: ListQuery = { view: "all" };
let store: InboxStore;
const ids = (query = ALL) => store.list(query).ids;

/** Fills a list as a page of the hub would. */
function page(query: ListQuery, items: Conversation[], cursor: string | null = null) {
  store.batch(() => {
    items.forEach((one) => store.putConversation(one));
    store.updateList(query, (list) => list.take(items, cursor, true));
  });
}

beforeEach(() => {
  store = new InboxStore({ userId: ME, teamIds: ["t1"] });
});

describe("lists", () => {
  it("moves what was written in to the top and keeps the rest in order", () => {
    page(
      ALL,
      [3, 2, 1].map((n) => conversation(String(n), { last_message_at: at(n) })),
    );
    store.putConversation(conversation("1", { last_message_at: at(9), version: 2 }));
    expect(ids()).toEqual(["1", "3", "2"]);
  });

  it("takes no older news", () => {
    page(ALL, [conversation("1", { version: 5, priority: "urgent" })]);
    store.putConversation(conversation("1", { version: 4 }));
    expect(store.conversation("1")?.priority).toBe("urgent");
  });

  it("follows views: what is taken leaves the queue and comes to me", () => {
    const [mine, queue]: ListQuery[] = [{ view: "mine" }, { view: "unassigned" }];
    page(queue!, [conversation("1")]);
    page(mine!, []);
    store.putConversation(conversation("1", { version: 2, status: "assigned", assignee_id: ME }));
    expect(ids(queue)).toEqual([]);
    expect(ids(mine)).toEqual(["1"]);
    store.putConversation(conversation("1", { version: 3, status: "resolved", assignee_id: ME }));
    expect(ids(mine)).toEqual([]);
  });

  it("leaves what is below the last page to the page that brings it", () => {
    page(ALL, [conversation("9", { last_message_at: at(9) })], "more");
    store.putConversation(conversation("1", { last_message_at: at(1) }));
    expect(ids()).toEqual(["9"]);
    store.updateList(ALL, (list) => list.take([conversation("1", { last_message_at: at(1) })], null, false));
    expect(ids()).toEqual(["9", "1"]);
  });

  it("orders by urgency and by waiting", () => {
    const items = [
      conversation("low", { priority: "low", waiting_since: at(1) }),
      conversation("urgent", { priority: "urgent", waiting_since: at(5) }),
      conversation("calm", { waiting_since: null }),
    ];
    page({ view: "all", sort: "priority" }, items);
    page({ view: "all", sort: "waiting" }, items);
    expect(ids({ view: "all", sort: "priority" })).toEqual(["urgent", "calm", "low"]);
    expect(ids({ view: "all", sort: "waiting" })).toEqual(["low", "urgent", "calm"]);
  });

  it("forgets what may be seen no more", () => {
    page(ALL, [conversation("1"), conversation("2")]);
    store.hide("1");
    expect(ids()).toEqual(["2"]);
    expect(store.conversation("1")).toBeUndefined();
  });

  it("finds the places of neighbours that move together", () => {
    page(
      ALL,
      [6, 5, 4, 3, 2, 1].map((n) => conversation(String(n), { last_message_at: at(n) })),
    );
    store.batch(() => {
      store.putConversation(conversation("3", { last_message_at: at(8), version: 2 }));
      store.putConversation(conversation("2", { last_message_at: at(9), version: 2 }));
      store.putConversation(conversation("1", { last_message_at: at(7), version: 2 }));
    });
    expect(ids()).toEqual(["2", "3", "1", "6", "5", "4"]);
  });

  it("stays the same list when nothing moves", () => {
    page(ALL, [conversation("2", { last_message_at: at(2) }), conversation("1", { last_message_at: at(1) })]);
    const before = ids();
    store.putConversation(conversation("1", { last_message_at: at(1), priority: "high", version: 2 }));
    expect(ids()).toBe(before);
  });

  it("counts one's own that are unread", () => {
    const mine = { status: "assigned", assignee_id: ME } as const;
    store.putConversation(conversation("1", { ...mine, unread_count: 2 }));
    store.putConversation(conversation("2", { unread_count: 2 }));
    expect(store.unread.size).toBe(1);
    store.putConversation(conversation("1", { ...mine, unread_count: 0, version: 2 }));
    expect(store.unread.size).toBe(0);
  });

  it("keeps its order under ten thousand", () => {
    const many = Array.from({ length: 10_000 }, (_, n) =>
      conversation(String(n), { last_message_at: new Date(1_700_000_000_000 + n * 1000).toISOString() }),
    );
    page(ALL, many);
    const before = performance.now();
    store.batch(() => {
      for (let n = 0; n < 100; n++) {
        store.putConversation(
          conversation(String(n), { version: 2, last_message_at: new Date(1_800_000_000_000 + n).toISOString() }),
        );
      }
    });
    expect(performance.now() - before).toBeLessThan(250);
    expect(ids().slice(0, 2)).toEqual(["99", "98"]);
    expect(new Set(ids()).size).toBe(10_000);
  });
});

describe("threads", () => {
  beforeEach(() => store.setThread("1", (thread) => ({ ...thread, phase: "ready", messages: [message("a", 1)] })));
  const shown = () => store.thread("1")!.messages;

  it("shows a message once, however often it comes", () => {
    store.putMessage(message("b", 3));
    store.putMessage(message("b", 3));
    store.putMessage(message("late", 2));
    expect(shown().map((one) => one.id)).toEqual(["a", "late", "b"]);
  });

  it("never lets a late acknowledgement take ticks back", () => {
    const ids = { conversation_id: "1", account_id: "a", message_id: "a", error: null, read_at: null };
    store.putStatus({ ...ids, status: "delivered" });
    store.putMessage(message("a", 1, { status: "queued" }));
    expect(shown()[0]?.status).toBe("delivered");
    store.putStatus({ ...ids, status: "read", read_at: at(7) });
    expect(shown()[0]).toMatchObject({ status: "delivered", read_at: at(7) });
  });

  it("puts what waited for its time where it was said, and what changed otherwise where it was", () => {
    store.putMessage(message("later", 2, { status: "scheduled" }));
    store.putMessage(message("b", 3));
    store.putMessage(message("a", 4, { status: "sent" }));
    expect(shown().map((one) => one.id)).toEqual(["a", "later", "b"]);
    store.putMessage(message("later", 5, { status: "queued" }));
    expect(shown().map((one) => one.id)).toEqual(["a", "b", "later"]);
    store.putMessage(message("c", 6));
    store.putMessage(message("later", 7, { status: "sent" }));
    expect(shown().map((one) => one.id)).toEqual(["a", "b", "later", "c"]);
  });

  it("tells readers once for a batch, and not at all for nothing", () => {
    const told = vi.fn();
    store.subscribe(told);
    store.batch(() => {
      for (let n = 2; n < 50; n++) store.putMessage(message(`m${n}`, n));
      store.putConversation(conversation("1"));
    });
    store.batch(() => undefined);
    expect(told).toHaveBeenCalledTimes(1);
    expect(shown()).toHaveLength(49);
  });

  it("lets typing run out", () => {
    store.typing("1", { key: "customer", name: null, isCustomer: true, until: 1_000 }, true);
    expect(store.expireTyping(500)).toBe(1_000);
    expect(store.expireTyping(1_001)).toBeNull();
    expect(store.thread("1")!.typing).toEqual([]);
  });
});
