import { useQuery } from "@tanstack/react-query";
import type { Id } from "@turumba/realtime";
import { useMemo } from "react";

import { api, data } from "@/api/client";
import { useInbox } from "@/app/live";
import { linesOf, type Line } from "./rows";

/** The routing decisions of a conversation; asked again when its holder or status changes. */
export function useRouting(id: Id) {
  const stamp = useInbox((store) => {
    const one = store.conversation(id);
    return one ? `${one.status} ${one.assignee_id} ${one.team_id} ${one.queued_at}` : null;
  });
  return useQuery({
    queryKey: ["routing", id, stamp],
    queryFn: async () => {
      const path = { params: { path: { id } } };
      const [decisions, assignments] = await Promise.all([
        data(api.GET("/v1/conversations/{id}/routing", path)),
        data(api.GET("/v1/conversations/{id}/assignments", path)),
      ]);
      return { decisions, assignments };
    },
    enabled: stamp !== null,
    placeholderData: (before) => before,
    staleTime: Infinity,
  });
}

export function useLines(id: Id): readonly Line[] {
  const { data: told } = useRouting(id);
  const resolvedAt = useInbox((store) => {
    const one = store.conversation(id);
    return one && (one.status === "resolved" || one.status === "closed") ? one.resolved_at : null;
  });
  return useMemo(() => linesOf(told?.decisions ?? [], told?.assignments ?? [], resolvedAt), [told, resolvedAt]);
}
