import { useQuery } from "@tanstack/react-query";
import { createContext, use, useMemo, useState, type ReactNode } from "react";

import { api, data, type Schemas } from "@/api/client";

type Me = Schemas["Me"];
export type MyAccount = Me["accounts"][number];

export interface Account {
  me: Me;
  account: MyAccount;
  /** Works for the account that is shown; asked by name, never by role. */
  can: (permission: string) => boolean;
  /** Shows another of one's accounts. */
  select: (accountId: string) => void;
}

const KEY = "turumba.account";
const AccountContext = createContext<Account | null>(null);

export const useMe = () =>
  useQuery({ queryKey: ["me"], queryFn: () => data(api.GET("/v1/users/me")), staleTime: 300_000 });

/** The signed-in person in the account that is shown. */
export function useAccount(): Account {
  const account = use(AccountContext);
  if (!account) throw new Error("useAccount needs an AccountProvider");
  return account;
}

export function AccountProvider({ me, children }: { me: Me; children: ReactNode }) {
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEY));
  const account = me.accounts.find((one) => one.account_id === chosen) ?? me.accounts[0];
  const value = useMemo<Account | null>(() => {
    if (!account) return null;
    const permissions = new Set<string>(account.permissions);
    return {
      me,
      account,
      can: (permission) => permissions.has(permission),
      select: (id) => {
        localStorage.setItem(KEY, id);
        setChosen(id);
      },
    };
  }, [me, account]);
  return <AccountContext value={value}>{children}</AccountContext>;
}
