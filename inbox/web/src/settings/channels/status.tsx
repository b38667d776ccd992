import { useTranslation } from "react-i18next";

import { Badge, Dot, type Tone } from "@/ui";
import type { Channel } from "./data";

const TONES: Record<Channel["status"], Tone> = {
  connected: "green",
  disconnected: "neutral",
  rate_limited: "orange",
  error: "red",
  disabled: "neutral",
};

export function StatusBadge({ status }: { status: Channel["status"] }) {
  const { t } = useTranslation("settings");
  return (
    <Badge tone={TONES[status]} icon={<Dot tone={TONES[status]} />}>
      {t(`channels.statuses.${status}`)}
    </Badge>
  );
}
