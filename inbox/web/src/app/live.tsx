import { createContext, use, useEffect, useState, type ReactNode } from "react";

import { InboxStore } from "@/inbox/store/inbox";
import { InboxSync } from "@/inbox/store/sync";
import { useExternal } from "@/lib/external";
import { useAccount } from "./account";

const LiveContext = createContext<InboxSync | null>(null);

/** One connection for the account that is shown, for as long as it is shown. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const { me, account } = useAccount();
  const [sync, setSync] = useState<InboxSync | null>(null);
  const teams = account.team_ids.join();

  useEffect(() => {
    const opened = new InboxSync(account.account_id, { userId: me.id, teamIds: [] });
    setSync(opened);
    return () => opened.close();
  }, [me.id, account.account_id]);

  useEffect(() => {
    sync?.store.set({ viewer: { userId: me.id, teamIds: teams ? teams.split(",") : [] } });
  }, [sync, me.id, teams]);

  return sync && sync.accountId === account.account_id ? <LiveContext value={sync}>{children}</LiveContext> : null;
}

export function useLive(): InboxSync {
  const sync = use(LiveContext);
  if (!sync) throw new Error("useLive needs a LiveProvider");
  return sync;
}

/** What `select` finds in the store of the inbox. */
export const useInbox = <T,>(select: (store: InboxStore) => T): T => useExternal(useLive().store, select);
