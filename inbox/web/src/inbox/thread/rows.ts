import type { Id, Message, NewMessage, Outgoing } from "@turumba/realtime";

import type { Schemas } from "@/api/client";
import { dayOf } from "@/lib/time";

type Decision = Schemas["DecisionView"];
type Assignment = Schemas["AssignmentView"];
type Activity = Schemas["Many_ActivityView"]["data"][number];

/** Something that happened to the conversation, between its messages. */
export type Line =
  | { kind: "rule"; at: string; rule: string; id: string }
  | { kind: "waiting"; at: string; reason: string; considered: number; id: string }
  | { kind: "picked"; at: string; agent: Id; reason: string; id: string }
  | {
      kind: "assigned";
      at: string;
      agent: Id | null;
      team: Id | null;
      by: Id | null;
      reason: string;
      note: string | null;
      id: string;
    }
  | { kind: "status"; at: string; status: Activity["status"]; by: Activity["by"]; id: string }
  | { kind: "rated"; at: string; rating: number; id: string };

/** `day`: the first row of its day carries the day's name, so that no row of its own stands in front of a page. */
export type Row = { key: string; day?: string } & (
  | { kind: "new" }
  | { kind: "line"; line: Line }
  | { kind: "message"; message: Message; isFirst: boolean; isLast: boolean }
  | { kind: "pending"; entry: Outgoing<NewMessage> }
);

/** Messages of one sender that follow each other so closely stand together. */
const TOGETHER_MS = 4 * 60_000;

/** What routing, colleagues and the customer did, oldest first. */
export function linesOf(
  decisions: readonly Decision[],
  assignments: readonly Assignment[],
  activities: readonly Activity[],
): Line[] {
  const lines: Line[] = [];
  // the same reason to wait, found again at every message, is said once
  let waits = "";
  // the newest decision comes first
  for (const { id, outcome, created_at: at, reason, candidates, assignee_id } of [...decisions].reverse()) {
    if (outcome === "rule") lines.push({ kind: "rule", id, at, rule: ruleName(reason, candidates) });
    else if (outcome === "assigned" && assignee_id) {
      lines.push({ kind: "picked", id, at, agent: assignee_id, reason });
      waits = "";
    } else if (outcome === "waiting" && reason !== waits) {
      const { considered = 0 } = (candidates ?? {}) as { considered?: number };
      lines.push({ kind: "waiting", id, at, reason, considered });
      waits = reason;
    }
  }
  for (const one of assignments) {
    // what routing did is told by its decisions, with more reasons
    if (one.assigned_by_type === "routing") continue;
    lines.push({
      kind: "assigned",
      id: one.id,
      at: one.created_at,
      agent: one.assignee_id ?? null,
      team: one.team_id ?? null,
      by: one.assigned_by ?? null,
      reason: one.reason,
      note: one.note ?? null,
    });
  }
  for (const { seq, at, changed, status, by, csat_rating } of activities) {
    const id = String(seq);
    if (changed.includes("csat_rating") && csat_rating !== null)
      lines.push({ kind: "rated", id, at, rating: csat_rating });
    // a status that came with another holder is told by the assignment
    if (changed.includes("status") && !changed.includes("assignee_id"))
      lines.push({ kind: "status", id, at, status, by });
  }
  return lines.sort((a, b) => timeOf(a) - timeOf(b));
}

function ruleName(reason: string, candidates: unknown): string {
  const tried = Array.isArray(candidates) ? (candidates as { matched?: boolean; name?: string }[]) : [];
  return tried.find((rule) => rule.matched)?.name ?? reason;
}

/** Of one moment, the rule comes before what it made the bot do and say. */
const timeOf = (line: Line) => Date.parse(line.at) - (line.kind === "rule" ? 1 : 0);

interface Input {
  messages: readonly Message[];
  lines: readonly Line[];
  pending: readonly Outgoing<NewMessage>[];
  hasMore: boolean;
  /** One's own read mark; 0 shows no line. */
  readSeq: number;
}

/** When a message entered the conversation: when it was written, or when its time had come. */
export const momentOf = ({ status, created_at, scheduled_at }: Message): string =>
  status === "scheduled" || status === "cancelled" ? created_at : (scheduled_at ?? created_at);

/** The moment of a message, as a number and as a day: read once, since a long thread asks for thousands. */
interface When {
  ms: number;
  day: string;
}

const whens = new WeakMap<Message, When>();

function whenOf(message: Message): When {
  let when = whens.get(message);
  if (!when) whens.set(message, (when = { ms: Date.parse(momentOf(message)), day: dayOf(momentOf(message)) }));
  return when;
}

/** Everything that a thread shows, from top to bottom. */
export function rowsOf({ messages, lines, pending, hasMore, readSeq }: Input): Row[] {
  const rows: Row[] = [];
  let day = "";
  const add = (row: Row, at: string, on = dayOf(at)) => {
    if (on !== day) row.day = at;
    day = on;
    rows.push(row);
  };
  // lines before the first message that is loaded belong to pages that are not
  const since = hasMore && messages[0] ? whenOf(messages[0]).ms : -Infinity;
  let next = lines.findIndex((line) => Date.parse(line.at) >= since);
  if (next < 0) next = lines.length;
  const linesUntil = (ms: number) => {
    for (; next < lines.length && timeOf(lines[next]!) <= ms; next++) {
      const line = lines[next]!;
      add({ kind: "line", key: `line ${line.kind} ${line.id}`, line }, line.at);
    }
  };

  let isMarked = readSeq === 0;
  let before: Message | null = null;
  for (const message of messages) {
    const at = momentOf(message);
    const count = rows.length;
    const when = whenOf(message);
    linesUntil(when.ms - 1);
    if (!isMarked && (message.seq ?? 0) > readSeq) {
      isMarked = true;
      if (message.sender_type === "contact" && before) add({ kind: "new", key: "new" }, at, when.day);
    }
    const isFirst = rows.length !== count || !before || when.day !== day || !together(before, message);
    if (isFirst) endGroup(rows, count);
    add({ kind: "message", key: message.id, message, isFirst, isLast: false }, at, when.day);
    before = message;
  }
  endGroup(rows, rows.length);
  linesUntil(Infinity);
  for (const entry of pending) {
    add({ kind: "pending", key: entry.client_message_id, entry }, new Date(entry.at).toISOString());
  }
  return rows;
}

function endGroup(rows: Row[], end: number): void {
  const last = rows[end - 1];
  if (last?.kind === "message") last.isLast = true;
}

function together(a: Message, b: Message): boolean {
  return (
    a.sender_type === b.sender_type &&
    a.sender_id === b.sender_id &&
    a.is_private === b.is_private &&
    whenOf(b).ms - whenOf(a).ms < TOGETHER_MS
  );
}
