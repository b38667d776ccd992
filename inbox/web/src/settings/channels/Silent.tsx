import { useTranslation } from "react-i18next";

import { Banner } from "@/ui";
import { Ago } from "../common/time";
import type { Channel } from "./data";

/** The alarms of a channel on which customers, or the provider's receipts, do not come any more: it may look well otherwise. */
export function Silent({ channel }: { channel: Channel }) {
  return (
    <>
      <Alarm kind="silent" since={channel.silent_since} />
      <Alarm kind="unreceipted" since={channel.receipts_missing_since} />
    </>
  );
}

function Alarm({ kind, since }: { kind: "silent" | "unreceipted"; since: string | null }) {
  const { t } = useTranslation("settings");
  if (!since) return null;
  return (
    <Banner tone="orange" title={t(`channels.${kind}.title`)}>
      <p>
        {t(`channels.${kind}.since`)} <Ago at={since} />
      </p>
      <p>{t(`channels.${kind}.text`)}</p>
    </Banner>
  );
}
