import { useTranslation } from "react-i18next";

import { api, data, page } from "@/api/client";
import { useAccount } from "@/app/account";
import { useChanged } from "../common/hooks";
import { Loaded } from "../common/loaded";
import { PageHeader } from "../common/page";
import type { Stored } from "./form";
import { PreferencesForm } from "./PreferencesForm";

/** One's own preferences in the account that is shown. */
export function AvailabilityPage() {
  const { t } = useTranslation("settings");
  const { account, me } = useAccount();
  const changed = useChanged();
  return (
    <>
      <PageHeader title={t("sections.availability")} text={t("availability.text")} />
      <Loaded
        of={["agent-preferences", "of", account.account_id, me.id]}
        read={() => preferencesOf(account.account_id, me.id)}
      >
        {(stored) => (
          <PreferencesForm
            own
            stored={stored}
            save={async (body) => {
              const query = { account_id: account.account_id };
              await data(api.PATCH("/v1/agent-preferences/me", { params: { query }, body }));
              await changed(["agent-preferences"]);
            }}
          />
        )}
      </Loaded>
    </>
  );
}

/** Somebody's preferences in an account; whoever has set none has the usual ones. */
export async function preferencesOf(account_id: string, userId: string): Promise<Stored | null> {
  const query = { account_id, filter: [`user_id:eq:${userId}`], limit: 1 };
  const found = await page(api.GET("/v1/agent-preferences", { params: { query } }));
  return found.data[0] ?? null;
}
