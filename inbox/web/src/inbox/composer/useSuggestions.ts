import type { CannedResponse, Id } from "@turumba/realtime";
import { useEffect, useState } from "react";

import { useAgents, type Agent } from "@/api/lookups";
import { useLive } from "@/app/live";
import type { Mode } from "./drafts";
import { atWord, slashWord } from "./variables";

export type Suggested =
  | { kind: "canned"; from: number; items: readonly CannedResponse[]; isReady: boolean }
  | { kind: "mention"; from: number; items: readonly Agent[]; isReady: true };

const SEARCH_AFTER_MS = 60;

/** What fits the word at the caret: canned responses after `/`, colleagues after `@` in a note. */
export function useSuggestions(id: Id, text: string, caret: number, mode: Mode): Suggested | null {
  const slash = slashWord(text, caret);
  const at = mode === "note" ? atWord(text, caret) : null;
  const canned = useCanned(id, slash?.q ?? null);
  const agents = useAgents();
  if (slash) return { kind: "canned", from: slash.from, ...canned };
  if (!at) return null;
  const q = at.q.toLowerCase();
  const items = agents.filter((agent) =>
    agent.name
      .toLowerCase()
      .split(" ")
      .some((word) => word.startsWith(q)),
  );
  return items.length ? { kind: "mention", from: at.from, items, isReady: true } : null;
}

/** The hub ranks them and fills in what it knows of the contact. */
function useCanned(id: Id, q: string | null) {
  const live = useLive();
  const [found, setFound] = useState<{ items: readonly CannedResponse[]; isReady: boolean }>(NOTHING);
  useEffect(() => {
    if (q === null) return setFound(NOTHING);
    let isCurrent = true;
    const timer = setTimeout(async () => {
      try {
        const told = await live.connection.command("canned:search", { q, conversation_id: id }, { timeout: 4_000 });
        if (isCurrent) setFound({ items: told.canned_responses, isReady: true });
      } catch {
        if (isCurrent) setFound({ items: [], isReady: true });
      }
    }, SEARCH_AFTER_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [live, id, q]);
  return found;
}

const NOTHING = { items: [], isReady: false };
