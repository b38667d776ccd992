import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { InboxView } from "@turumba/realtime";
import { useCallback, useMemo } from "react";

import type { InboxSearch } from "./routes";
import type { ListQuery } from "./store/query";

const VIEWS: readonly string[] = ["mine", "unassigned", "bot", "team", "all", "mentions"] satisfies InboxView[];

/** Where one is in the inbox, as the address has it. */
export function usePlace() {
  const { view = "mine", conversation } = useParams({ strict: false }) as { view?: string; conversation?: string };
  const search = useSearch({ strict: false }) as InboxSearch;
  const query = useMemo<ListQuery>(() => {
    const { q, status, channel, priority, label, assignee, sort } = search;
    const isView = VIEWS.includes(view);
    return {
      view: isView ? (view as InboxView) : "team",
      team: isView ? undefined : view,
      q,
      status,
      channel_type: channel,
      priority,
      label,
      assignee,
      sort,
    };
  }, [view, search]);
  return { view, conversation: conversation ?? null, search, query };
}

/** Moves within the inbox; filters stay while a conversation is opened or closed. */
export function useGo() {
  const navigate = useNavigate();
  return useMemo(
    () => ({
      toView: (view: string, search: InboxSearch = {}) =>
        void navigate({ to: "/inbox/$view", params: { view }, search }),
      /** Opens a conversation beside the list that is shown. */
      toConversation: (view: string, conversation: string, search: InboxSearch = {}, replace = false) =>
        void navigate({ to: "/inbox/$view/$conversation", params: { view, conversation }, search, replace }),
    }),
    [navigate],
  );
}

/** Changes what the list shows; the open conversation stays open. */
export function useSetSearch() {
  const navigate = useNavigate();
  return useCallback(
    (change: Partial<InboxSearch>, replace = false) =>
      void navigate({
        to: ".",
        search: (before: InboxSearch) => {
          const next: Record<string, unknown> = { ...before, ...change };
          for (const [name, value] of Object.entries(next)) {
            if (value === undefined || value === "" || (Array.isArray(value) && !value.length)) delete next[name];
          }
          return next as InboxSearch;
        },
        replace,
      } as never),
    [navigate],
  );
}
