import type { Message } from "@turumba/realtime";
import { Check, CheckCheck, CircleAlert, CircleHelp, CircleSlash, Clock, Loader, Timer } from "lucide-react";
import { useTranslation } from "react-i18next";

import { full } from "@/lib/time";
import { cx } from "@/ui";

/** How far a message of ours has come. */
export function Ticks({ message }: { message: Message }) {
  const { t, i18n } = useTranslation("inbox");
  const status = message.read_at ? "read" : message.status;
  const at = message.read_at ?? message.delivered_at ?? message.sent_at;
  // the bot's bubbles are pale, ours are dark
  const isBot = message.sender_type === "bot";
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
    cancelled: CircleSlash,
  }[status];
  return (
    <span role="img" aria-label={label} title={title} data-status={status} className="inline-flex">
      <Icon
        aria-hidden
        className={cx("size-3.5", status === "read" && (isBot ? "text-blue" : "text-[#8ae6ff]"))}
        strokeWidth={2.4}
      />
    </span>
  );
}
