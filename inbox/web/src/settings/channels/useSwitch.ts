import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useConfirm } from "@/ui";
import { useAttempt, useChanged } from "../common/hooks";
import type { Channel } from "./data";

/** Switches a channel on or off. Off costs what customers write meanwhile, so that is asked first. */
export function useSwitch() {
  const { t } = useTranslation("settings");
  const attempt = useAttempt();
  const changed = useChanged();
  const confirm = useConfirm();
  return useCallback(
    async ({ id, name, channel_type }: Channel, is_enabled: boolean): Promise<void> => {
      const isWanted =
        is_enabled ||
        (await confirm({
          title: t("channels.off.title", { name }),
          text: t(channel_type === "webchat" ? "channels.off.webchat" : "channels.off.text"),
          confirm: t("channels.off.confirm"),
          danger: true,
        }));
      if (!isWanted) return;
      await attempt(async () => {
        await data(api.PATCH("/v1/channels/{id}", { params: { path: { id } }, body: { is_enabled } }));
        await changed(["channels"], t(is_enabled ? "channels.enabled" : "channels.disabled", { name }));
      });
    },
    [t, attempt, changed, confirm],
  );
}
