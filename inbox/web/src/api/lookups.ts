import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { useAccount } from "@/app/account";
import { api, page, type Schemas } from "./client";

export type Agent = Schemas["UserView"] & { name: string };
export type Team = Schemas["TeamView"];
export type Label = Schemas["LabelView"];
export type Channel = Schemas["ChannelView"];
export type Group = Schemas["GroupView"];
export type Segment = Schemas["SegmentView"];
export type Template = Schemas["TemplateView"];

const MOST = 100;

interface ListAnswer<T> {
  data: T[];
  meta: { next_cursor?: string | null };
}

/** Reads all pages of a list that is small by its nature: colleagues, teams, channels, groups. */
async function all<T>(read: (cursor: string | undefined) => Promise<ListAnswer<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const next = await read(cursor);
    items.push(...next.data);
    cursor = next.meta.next_cursor ?? undefined;
  } while (cursor && items.length < 2_000);
  return items;
}

/** Something of the account that the inbox shows by name; empty for who may not see it. */
function useLookup<T>(name: string, permission: string | null, read: (account_id: string) => Promise<T[]>): T[] {
  const { account, can } = useAccount();
  const { account_id } = account;
  const { data } = useQuery({
    queryKey: [name, "all", account_id],
    queryFn: () => read(account_id),
    enabled: permission === null || can(permission),
    staleTime: 120_000,
  });
  return data ?? (NONE as T[]);
}

const NONE: never[] = [];

export function useAgents(): Agent[] {
  const users = useLookup("users", "users.view", (account_id) =>
    all((cursor) => page(api.GET("/v1/users", { params: { query: query(account_id, cursor) } }))),
  );
  return useMemo(
    () =>
      users
        .filter((user) => user.is_active)
        .map((user) => ({
          ...user,
          name: [user.given_name, user.family_name].filter(Boolean).join(" ") || user.email,
        })),
    [users],
  );
}

export const useTeams = (): Team[] =>
  useLookup("teams", "teams.view", (account_id) =>
    all((cursor) => page(api.GET("/v1/teams", { params: { query: query(account_id, cursor) } }))),
  );

export const useLabels = (): Label[] =>
  useLookup("labels", null, (account_id) =>
    all((cursor) => page(api.GET("/v1/labels", { params: { query: query(account_id, cursor) } }))),
  );

export const useChannels = (): Channel[] =>
  useLookup("channels", "channels.view", (account_id) =>
    all((cursor) => page(api.GET("/v1/channels", { params: { query: query(account_id, cursor) } }))),
  );

/** Those that messages can be sent on without a conversation. */
export const useSendingChannels = (): Channel[] =>
  useChannels().filter((one) => one.is_enabled && one.channel_type !== "webchat");

export const useGroups = (): Group[] =>
  useLookup("groups", "contacts.view", (account_id) =>
    all((cursor) => page(api.GET("/v1/groups", { params: { query: query(account_id, cursor) } }))),
  );

export const useSegments = (): Segment[] =>
  useLookup("segments", "contacts.view", (account_id) =>
    all((cursor) => page(api.GET("/v1/segments", { params: { query: query(account_id, cursor) } }))),
  );

export const useTemplates = (): Template[] =>
  useLookup("templates", "templates.view", (account_id) =>
    all((cursor) => page(api.GET("/v1/templates", { params: { query: query(account_id, cursor) } }))),
  );

function query(account_id: string, cursor: string | undefined) {
  return { account_id, limit: MOST, ...(cursor && { cursor }) };
}
