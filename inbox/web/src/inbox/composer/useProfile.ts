import { useQuery } from "@tanstack/react-query";
import type { Conversation } from "@turumba/realtime";

import { api, page, type Schemas } from "@/api/client";
import { useChannels } from "@/api/lookups";

/** What the provider behind a conversation takes: lengths, files. */
export function useProfile(one: Conversation): Schemas["Profile"] | null {
  const channels = useChannels();
  const { data: profiles } = useQuery({
    queryKey: ["channel-providers"],
    queryFn: async () => (await page(api.GET("/v1/channel-providers"))).data,
    staleTime: Infinity,
  });
  const provider = channels.find((channel) => channel.id === one.channel_id)?.provider;
  return (
    profiles?.find((profile) => profile.channel_type === one.channel_type && profile.provider === provider) ?? null
  );
}
