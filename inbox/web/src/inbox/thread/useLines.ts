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
    return one ? `${one.status} ${one.assignee_id} ${one.team_id} ${one.queued_at} ${one.csat_rating}` : null;
  });
  return useQuery({
    queryKey: ["routing", id, stamp],
    queryFn: async () => {
      const path = { params: { path: { id } } };
      const [decisions, assignments, activities] = await Promise.all([
        data(api.GET("/v1/conversations/{id}/routing", path)),
        data(api.GET("/v1/conversations/{id}/assignments", path)),
        data(api.GET("/v1/conversations/{id}/activity", path)),
      ]);
      return { decisions, assignments, activities };
    },
    enabled: stamp !== null,
    placeholderData: (before) => before,
    staleTime: Infinity,
  });
}

export function useLines(id: Id): readonly Line[] {
  const { data: told } = useRouting(id);
  return useMemo(() => (told ? linesOf(told.decisions, told.assignments, told.activities) : []), [told]);
}
