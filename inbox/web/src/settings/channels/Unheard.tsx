import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { Banner } from "@/ui";
import { Ago } from "../common/time";
import type { Channel } from "./data";

/** Says that a channel is off, and what came meanwhile that nobody will see: it is never dropped in silence. */
export function Unheard({ channel }: { channel: Channel }) {
  const { t } = useTranslation("settings");
  const path = { id: channel.id };
  const found = useQuery({
    queryKey: ["channels", "unheard", channel.id, channel.is_enabled],
    queryFn: () => data(api.GET("/v1/channels/{id}/unheard", { params: { path } })),
    // a provider may send at any time
    refetchInterval: channel.is_enabled ? false : 30_000,
  });
  const { ignored = 0, unreadable = 0, last_at = null } = found.data ?? {};
  if (channel.is_enabled && !ignored && !unreadable) return null;
  return (
    <Banner tone="orange" title={channel.is_enabled ? t("channels.unheard.title") : t("channels.unheard.off")}>
      {!channel.is_enabled && <p>{t("channels.unheard.off_text")}</p>}
      {ignored > 0 && <p>{t("channels.unheard.ignored", { count: ignored })}</p>}
      {unreadable > 0 && <p>{t("channels.unheard.unreadable", { count: unreadable })}</p>}
      {last_at && (
        <p className="text-[0.8125rem]">
          {t("channels.unheard.last")} <Ago at={last_at} />
        </p>
      )}
    </Banner>
  );
}
