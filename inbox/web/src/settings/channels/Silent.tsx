import { useTranslation } from "react-i18next";

import { Banner } from "@/ui";
import { Ago } from "../common/time";
import type { Channel } from "./data";

/** The alarm of a channel on which customers are not heard any more: it may look well otherwise. */
export function Silent({ channel }: { channel: Channel }) {
  const { t } = useTranslation("settings");
  if (!channel.silent_since) return null;
  return (
    <Banner tone="orange" title={t("channels.silent.title")}>
      <p>
        {t("channels.silent.since")} <Ago at={channel.silent_since} />
      </p>
      <p>{t("channels.silent.text")}</p>
    </Banner>
  );
}
