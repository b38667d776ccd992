import type { ComponentProps } from "react";

import { useAgents } from "@/api/lookups";
import { Avatar } from "@/ui";

/** A colleague's picture, found by their id. */
export function UserAvatar({ user, ...rest }: { user: string } & Omit<ComponentProps<typeof Avatar>, "src">) {
  const src = useAgents().find((agent) => agent.id === user)?.avatar_url ?? null;
  return <Avatar {...rest} src={src} />;
}
