import type { Conversation, ConversationStatus } from "@turumba/realtime";

/** Which status may follow which; the hub refuses the others. */
const NEXT: Record<ConversationStatus, readonly ConversationStatus[]> = {
  open: ["bot", "assigned", "pending", "resolved", "closed"],
  bot: ["open", "assigned", "resolved", "closed"],
  assigned: ["open", "pending", "resolved", "closed"],
  pending: ["open", "assigned", "resolved", "closed"],
  resolved: ["open", "assigned", "closed"],
  closed: [],
};

export const mayBecome = (one: Conversation, next: ConversationStatus): boolean => NEXT[one.status].includes(next);

export const isOver = (one: Conversation): boolean => one.status === "resolved" || one.status === "closed";
