import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";

import { api, page, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";

export type Role = Schemas["RoleView"];

const BUILT_IN = ["owner", "admin", "supervisor", "agent", "viewer"];

/** The roles of the account, the mightiest first. */
export function useRoles(): Role[] {
  const { account } = useAccount();
  const { data } = useQuery({
    queryKey: ["roles", "all", account.account_id],
    queryFn: () => page(api.GET("/v1/roles", { params: { query: { account_id: account.account_id, limit: 1000 } } })),
    select: ({ data: roles }) => [...roles].sort((a, b) => b.permissions.length - a.permissions.length),
  });
  return data ?? NONE;
}

const NONE: Role[] = [];

/** A role's name: the built-in ones are translated, the account's own are as they were named. */
export const roleName = (t: TFunction<"settings">, name: string): string =>
  BUILT_IN.includes(name) ? t(`roles.built_in.${name}`) : name;
