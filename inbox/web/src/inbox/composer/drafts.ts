import type { Id } from "@turumba/realtime";

export type Mode = "reply" | "note";

/** What was begun in a conversation and not sent. */
export interface Draft {
  text: string;
  mode: Mode;
  /** The message that is answered. */
  replyTo?: Id | undefined;
}

const PREFIX = "turumba.draft.";
export const NO_DRAFT: Draft = { text: "", mode: "reply" };

export function readDraft(id: Id): Draft {
  try {
    return { ...NO_DRAFT, ...(JSON.parse(localStorage.getItem(PREFIX + id) ?? "{}") as Partial<Draft>) };
  } catch {
    return NO_DRAFT;
  }
}

export function keepDraft(id: Id, draft: Draft): void {
  try {
    if (draft.text.trim() || draft.replyTo) localStorage.setItem(PREFIX + id, JSON.stringify(draft));
    else localStorage.removeItem(PREFIX + id);
  } catch {
    // a full storage keeps no drafts; the text is still in the box
  }
}
