import type { Message } from "@turumba/realtime";
import { Check, CheckCheck, CircleAlert, CircleHelp, Clock, Loader, Timer } from "lucide-react";
import { useTranslation } from "react-i18next";

import { full } from "@/lib/time";

/** How far a message of ours has come. */
export function Ticks({ message }: { message: Message }) {
  const { t, i18n } = useTranslation("inbox");
  const status = message.read_at ? "read" : message.status;
  const at = message.read_at ?? message.delivered_at ?? message.sent_at;
  const label = t(`delivery.${status}`);
  const title = at ? `${label} · ${full(at, i18n.language)}` : label;
  const Icon = {
    scheduled: Timer,
    queued: Clock,
    sending: Loader,
    sent: Check,
    delivered: CheckCheck,
    read: CheckCheck,
    failed: CircleAlert,
    permanently_failed: CircleAlert,
    unknown: CircleHelp,
    cancelled: CircleAlert,
  }[status];
  return (
    <span role="img" aria-label={label} title={title} data-status={status} className="inline-flex">
      <Icon aria-hidden className={status === "read" ? "size-3.5 text-[#7fe3ff]" : "size-3.5"} strokeWidth={2.4} />
    </span>
  );
}
