import { replaceEqualDeep, useQueryClient } from "@tanstack/react-query";
import type { AgentEvents } from "@turumba/realtime";
import { useEffect } from "react";

import { api, data, page, type Schemas } from "@/api/client";
import { queryClient } from "@/api/query";
import { useLive } from "@/app/live";
import type { ListAnswer, ListParams } from "@/settings/common/list-page";
import type { Tone } from "@/ui";

export type GroupMessage = Schemas["Many_GroupMessageView"]["data"][number];
export type Status = Schemas["GroupMessageStatus"];
export type Change = Schemas["UpdateGroupMessage"];
export type Recipient = Schemas["Many_RecipientView"]["data"][number];

export const STATUSES = [
  "draft",
  "queued",
  "processing",
  "paused",
  "completed",
  "partially_failed",
  "failed",
  "cancelled",
] as const satisfies readonly Status[];

export const statusTone: Record<Status, Tone> = {
  draft: "neutral",
  queued: "blue",
  processing: "blue",
  paused: "orange",
  completed: "green",
  partially_failed: "orange",
  failed: "red",
  cancelled: "neutral",
};

/** The same set of statuses in which something can still happen. */
export const isUnderWay = (status: Status) => status === "queued" || status === "processing" || status === "paused";
export const isOver = (status: Status) => !isUnderWay(status) && status !== "draft";

export const groupMessages = {
  list: (query: ListParams) => page(api.GET("/v1/group-messages", { params: { query } })),
  one: (id: string) => data(api.GET("/v1/group-messages/{id}", { params: { path: { id } } })),
  change: (id: string, body: Change) => data(api.PATCH("/v1/group-messages/{id}", { params: { path: { id } }, body })),
};

type Progress = AgentEvents["group_message:progress"];

/** What the socket tells of a group message, over what was read of it; older news changes nothing. */
export function withProgress(one: GroupMessage, told: Progress): GroupMessage {
  if (one.id !== told.group_message_id || told.version <= one.version) return one;
  const { reason, group_message_id: _, account_id: __, ...news } = told;
  const isPaused = told.status === "paused";
  return { ...one, ...news, pause_reason: isPaused ? reason : null, error: isPaused ? null : reason };
}

type Known = GroupMessage | ListAnswer<GroupMessage> | undefined;

/** What is read of group messages over what is known of them: the socket may have told more while the answer was on its way. */
export function newest(known: Known, read: Known): Known {
  if (!known || !read) return read;
  const later = (one: GroupMessage, other?: GroupMessage) => (other && other.version > one.version ? other : one);
  if ("meta" in read) {
    if (!("meta" in known)) return read;
    return { ...read, data: read.data.map((one) => later(one, known.data.find(({ id }) => id === one.id))) };
  }
  return "meta" in known ? read : later(read, known);
}

const keepNewest = (known: unknown, read: unknown) => replaceEqualDeep(known, newest(known as Known, read as Known));
queryClient.setQueryDefaults(["group-messages"], { structuralSharing: keepNewest });

/** Keeps everything that is shown of group messages in step with the hub. */
export function useProgress(): void {
  const client = useQueryClient();
  const { connection } = useLive();
  useEffect(() => {
    const forget = [
      connection.on("group_message:progress", (told) => {
        let isNews = false;
        client.setQueriesData<ListAnswer<GroupMessage>>({ queryKey: ["group-messages", "list"] }, (list) => {
          if (!list?.data.some(({ id }) => id === told.group_message_id)) return list;
          return { ...list, data: list.data.map((one) => withProgress(one, told)) };
        });
        client.setQueryData<GroupMessage>(["group-messages", told.group_message_id], (one) => {
          if (one && one.status !== told.status && told.version > one.version) isNews = true;
          return one && withProgress(one, told);
        });
        // times and the state of the canary are not told
        if (isNews) void client.invalidateQueries({ queryKey: ["group-messages", told.group_message_id] });
      }),
      connection.on("reset", () => void client.invalidateQueries({ queryKey: ["group-messages"] })),
    ];
    return () => forget.forEach((off) => off());
  }, [client, connection]);
}
