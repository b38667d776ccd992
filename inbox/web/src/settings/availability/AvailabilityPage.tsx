import { useTranslation } from "react-i18next";

import { api, ApiError, data } from "@/api/client";
import { useAccount } from "@/app/account";
import { useChanged } from "../common/hooks";
import { Loaded } from "../common/loaded";
import { PageHeader } from "../common/page";
import type { Stored } from "./form";
import { PreferencesForm } from "./PreferencesForm";

/** One's own preferences in the account that is shown. */
export function AvailabilityPage() {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const query = { account_id: account.account_id };
  return (
    <>
      <PageHeader title={t("sections.availability")} text={t("availability.text")} />
      <Loaded
        of={["agent-preferences", "mine", account.account_id]}
        read={() => data(api.GET("/v1/agent-preferences/me", { params: { query } })).catch(noneYet)}
      >
        {(stored) => (
          <PreferencesForm
            own
            stored={stored}
            save={async (body) => {
              await data(api.PATCH("/v1/agent-preferences/me", { params: { query }, body }));
              await changed(["agent-preferences"]);
            }}
          />
        )}
      </Loaded>
    </>
  );
}

/** Somebody without preferences has the usual ones. */
export function noneYet(error: unknown): Stored | null {
  if (error instanceof ApiError && error.status === 404) return null;
  throw error;
}
