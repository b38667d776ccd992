import type { ChannelType, Conversation, ConversationStatus, Id, InboxView, Priority } from "@turumba/realtime";

export const SORTS = ["newest", "oldest", "waiting", "priority", "created"] as const;
export type Sort = (typeof SORTS)[number];

/** What a list shows; its whole state is in the address of the page. */
export interface ListQuery {
  view: InboxView;
  /** With `view: "team"`: one team, else all of one's own. */
  team?: Id | undefined;
  q?: string | undefined;
  status?: ConversationStatus[] | undefined;
  channel_type?: ChannelType | undefined;
  priority?: Priority | undefined;
  label?: string | undefined;
  assignee?: Id | undefined;
  sort?: Sort | undefined;
}

/** Who looks, as far as it decides what belongs to a view. */
export interface Viewer {
  userId: Id;
  teamIds: readonly Id[];
}

export const LIVE: ConversationStatus[] = ["open", "bot", "assigned", "pending"];
const URGENCY: Record<Priority, number> = { urgent: 0, high: 1, normal: 2, low: 3 };

export const keyOf = (query: ListQuery): string =>
  JSON.stringify([
    query.view,
    query.team ?? "",
    query.q?.trim() ?? "",
    [...(query.status ?? [])].sort(),
    query.channel_type ?? "",
    query.priority ?? "",
    query.label ?? "",
    query.assignee ?? "",
    query.sort ?? "newest",
  ]);

/** The statuses that a view shows when nobody asked for others; `undefined`: the view decides by itself. */
function statusesOf(query: ListQuery): ConversationStatus[] | undefined {
  if (query.status?.length) return query.status;
  return query.view === "all" || query.team ? LIVE : undefined;
}

/** The question as the hub takes it. */
export function asked(query: ListQuery): { view: InboxView; filter: Record<string, unknown>; sort: Sort } {
  const filter: Record<string, unknown> = {};
  const set = (name: string, value: unknown) => {
    if (value !== undefined && value !== "") filter[name] = value;
  };
  set("status", statusesOf(query));
  set("team_id", query.team);
  set("channel_type", query.channel_type);
  set("priority", query.priority);
  set("label", query.label);
  set("assignee_id", query.assignee);
  set("q", query.q?.trim());
  // one team may be another's than the asker's, so it is a filter, not the view of one's own teams
  return { view: query.team ? "all" : query.view, filter, sort: query.sort ?? "newest" };
}

function inView(one: Conversation, query: ListQuery, viewer: Viewer, isMember: boolean): boolean {
  if (query.team) return one.team_id === query.team;
  switch (query.view) {
    case "mine":
      return (one.status === "assigned" || one.status === "pending") && one.assignee_id === viewer.userId;
    case "unassigned":
      return one.status === "open";
    case "bot":
      return one.status === "bot";
    case "team":
      return LIVE.includes(one.status) && one.team_id !== null && viewer.teamIds.includes(one.team_id);
    case "all":
      return true;
    case "mentions":
      // who was mentioned is not part of a conversation: only the hub can add to this view
      return isMember;
  }
}

/** Whether a conversation belongs to a list. */
export function fits(one: Conversation, query: ListQuery, viewer: Viewer, isMember: boolean): boolean {
  if (!inView(one, query, viewer, isMember)) return false;
  const statuses = statusesOf(query);
  if (statuses && !statuses.includes(one.status)) return false;
  if (query.channel_type && one.channel_type !== query.channel_type) return false;
  if (query.priority && one.priority !== query.priority) return false;
  if (query.label && !one.labels.includes(query.label)) return false;
  if (query.assignee && one.assignee_id !== query.assignee) return false;
  const q = query.q?.trim().toLowerCase();
  return !q || [one.contact.name, one.contact_identifier, one.subject].some((text) => text?.toLowerCase().includes(q));
}

const time = (at: string | null, missing: number) => (at ? Date.parse(at) : missing);

/** The place of a conversation in its list: smaller comes first. */
function rank(one: Conversation, sort: Sort): [number, number] {
  switch (sort) {
    case "newest":
      return [-time(one.last_message_at, 0), 0];
    case "oldest":
      return [time(one.last_message_at, Infinity), 0];
    case "waiting":
      return [time(one.waiting_since, Infinity), -time(one.last_message_at, 0)];
    case "priority":
      return [URGENCY[one.priority], -time(one.last_message_at, 0)];
    case "created":
      return [-time(one.created_at, 0), 0];
  }
}

export function compare(a: Conversation, b: Conversation, sort: Sort): number {
  const [a1, a2] = rank(a, sort);
  const [b1, b2] = rank(b, sort);
  if (a1 !== b1) return a1 < b1 ? -1 : 1;
  if (a2 !== b2) return a2 < b2 ? -1 : 1;
  if (a.id === b.id) return 0;
  // later ids are younger; the hub breaks ties the same way
  return (a.id > b.id ? -1 : 1) * (sort === "oldest" || sort === "waiting" ? -1 : 1);
}
