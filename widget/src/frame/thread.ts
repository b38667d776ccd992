import type { NewVisitorMessage, Outgoing, PublicMessage } from "@turumba/realtime";

/** A line between messages: somebody joined, the chat ended. */
export interface Line {
  seq: number;
  at: string;
  /** Who has joined; without a name the chat has ended. */
  joined?: string;
}

/** What the visitor's own messages show of their way. */
export type Tick = "sending" | "sent" | "seen" | "refused";

export type Item =
  | { kind: "day"; key: string; at: Date }
  | { kind: "line"; key: string; joined?: string | undefined }
  | { kind: "message"; key: string; message: PublicMessage; isFirst: boolean; isLast: boolean; tick?: Tick }
  | { kind: "unsent"; key: string; entry: Outgoing<NewVisitorMessage>; tick: Tick };

/** Messages of one sender within this time stand together. */
const TOGETHER = 5 * 60_000;

/** Adds or replaces messages; the order is that of their numbers. */
export function merge(known: readonly PublicMessage[], news: readonly PublicMessage[]): PublicMessage[] {
  const all = new Map(known.map((message) => [message.id, message]));
  for (const message of news) {
    const before = all.get(message.id);
    // one that appears again has a new number, and keeps its place
    all.set(message.id, before ? { ...message, seq: before.seq ?? message.seq, created_at: before.created_at } : message);
  }
  return [...all.values()].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
}

export const isOwn = (message: PublicMessage) => message.sender_type === "contact";

/** Whose message it is, as far as grouping goes. */
const sender = (message: PublicMessage) => `${message.sender_type} ${message.sender?.name ?? ""}`;

const tick = (message: PublicMessage): Tick => (message.read_at || message.status === "read" ? "seen" : "sent");

const day = (at: string) => new Date(at).toDateString();

/** The thread as it is shown, from what the hub told and what is still on its way. */
export function items(messages: readonly PublicMessage[], lines: readonly Line[], unsent: readonly Outgoing<NewVisitorMessage>[]): Item[] {
  const shown: Item[] = [];
  const entries = [
    ...messages.map((message) => ({ seq: message.seq ?? 0, at: message.created_at, message })),
    ...lines.map((line) => ({ seq: line.seq, at: line.at, line })),
  ].sort((a, b) => a.seq - b.seq);
  entries.forEach((entry, index) => {
    const before = entries[index - 1];
    const after = entries[index + 1];
    if (!before || day(before.at) !== day(entry.at)) {
      shown.push({ kind: "day", key: `day ${day(entry.at)} ${entry.seq}`, at: new Date(entry.at) });
    }
    if ("line" in entry) {
      shown.push({ kind: "line", key: `line ${entry.seq}`, joined: entry.line.joined });
      return;
    }
    const { message } = entry;
    const joins = (other: typeof before) => !!other && "message" in other && sender(other.message) === sender(message)
      && day(other.at) === day(entry.at) && Math.abs(Date.parse(other.at) - Date.parse(entry.at)) < TOGETHER;
    shown.push({
      kind: "message", key: message.client_message_id ?? message.id, message, isFirst: !joins(before), isLast: !joins(after),
      ...(isOwn(message) && { tick: tick(message) }),
    });
  });
  const stored = new Set(messages.map((message) => message.client_message_id));
  for (const entry of unsent) {
    if (stored.has(entry.client_message_id)) continue;
    shown.push({ kind: "unsent", key: entry.client_message_id, entry, tick: entry.error ? "refused" : "sending" });
  }
  return shown;
}

/** Messages of the other side that were not seen. */
export function unseen(messages: readonly PublicMessage[], read: number): PublicMessage[] {
  return messages.filter((message) => ["agent", "bot"].includes(message.sender_type) && !message.read_at && (message.seq ?? 0) > read);
}

export type Piece = string | { href: string; text: string };

const LINK = /\b(https?:\/\/[^\s<>"']+|www\.[^\s<>"']+\.[^\s<>"']+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/giu;

/** Text with its addresses told apart. Only what is plainly an address becomes a link. */
export function linked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    // what ends a sentence is not part of the address, nor is a bracket that was opened before it
    let found = match[0].replace(/[.,;:!?።፣]+$/u, "");
    while (/[)\]]$/.test(found) && found.split(/[([]/).length < found.split(/[)\]]/).length) found = found.slice(0, -1);
    if (match.index > from) pieces.push(text.slice(from, match.index));
    const href = found.includes("://") ? found : found.includes("@") && !found.startsWith("www.") ? `mailto:${found}` : `https://${found}`;
    pieces.push({ href, text: found });
    from = match.index + found.length;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}
