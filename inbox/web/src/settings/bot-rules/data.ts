import { useQuery } from "@tanstack/react-query";

import { api, page } from "@/api/client";
import { useAccount } from "@/app/account";

/** More than an account may have. */
const MOST = 1000;

export const rulesKey = (accountId: string) => ["bot-rules", "all", accountId] as const;

/** All rules of the account in their order; order is only of use whole. */
export function useRules() {
  const { account } = useAccount();
  const query = { account_id: account.account_id, sort: ["priority:asc"], limit: MOST };
  return useQuery({
    queryKey: rulesKey(account.account_id),
    queryFn: async () => (await page(api.GET("/v1/bot-rules", { params: { query } }))).data,
  });
}
