import { ArrowDownLeft, ArrowUpRight, Cog, Lock, Paperclip } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Badge } from "@/ui";
import { standingOf, statusTone, type Message } from "./data";

const DIRECTION = {
  outbound: { icon: ArrowUpRight, tone: "blue" },
  inbound: { icon: ArrowDownLeft, tone: "green" },
  system: { icon: Cog, tone: "neutral" },
} as const;

/** Which way it went; a note went nowhere. */
export function Direction({ of }: { of: Message }) {
  const { t } = useTranslation("sending");
  if (of.is_private) {
    return (
      <Badge tone="orange" icon={<Lock aria-hidden />}>
        {t("messages.note")}
      </Badge>
    );
  }
  const { icon: Icon, tone } = DIRECTION[of.direction];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden />}>
      {t(`messages.directions.${of.direction}`)}
    </Badge>
  );
}

/** How far it has come. */
export function Standing({ of }: { of: Message }) {
  const { t } = useTranslation("inbox");
  const standing = of.is_private ? null : standingOf(of);
  if (!standing) return <span className="text-faint">—</span>;
  return <Badge tone={standing === "read" ? "green" : statusTone[standing]}>{t(`delivery.${standing}`)}</Badge>;
}

/** The beginning of what it says, and how many files go with it. */
export function Beginning({ of }: { of: Message }) {
  const { t } = useTranslation("sending");
  const files = of.attachments.length;
  return (
    <span className="flex max-w-80 min-w-40 items-center gap-2">
      {of.message_body && (
        <span dir="auto" title={of.message_body} className="truncate">
          {of.message_body}
        </span>
      )}
      {files > 0 && (
        <span className="inline-flex shrink-0 items-center gap-1 text-muted">
          <Paperclip aria-hidden className="size-3.5" />
          {t("messages.files", { count: files })}
        </span>
      )}
      {!of.message_body && files === 0 && <span className="text-faint">—</span>}
    </span>
  );
}
