import type { Id, NewMessage, Outgoing } from "@turumba/realtime";
import { Clock, Pencil, RotateCcw, TriangleAlert } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";

import { useInbox, useLive } from "@/app/live";
import { clock } from "@/lib/time";
import { Button, cx } from "@/ui";
import type { Mode } from "../composer/drafts";
import { Quote } from "./Quote";

/** Puts a text back where one writes. */
export type Restore = (text: string, mode: Mode, replyTo?: Id) => void;

interface Props {
  entry: Outgoing<NewMessage>;
  onRestore: Restore;
}

/** What the hub has not stored yet: it stands there at once, and settles when it is acknowledged. */
export const PendingBubble = memo(function PendingBubble({ entry, onRestore }: Props) {
  const { t, i18n } = useTranslation("inbox");
  const live = useLive();
  const isOffline = useInbox((store) => store.connection !== "live");
  const { content = "", is_private, attachments, reply_to, conversation_id } = entry.payload;
  return (
    <div
      data-pending={entry.client_message_id}
      data-kind={is_private ? "note" : "agent"}
      className={cx("flex px-4 pt-1.5", !is_private && "justify-end")}
    >
      <div
        className={cx("flex min-w-0 flex-col gap-0.5", is_private ? "ml-9 flex-1" : "max-w-[min(78%,44rem)] items-end")}
      >
        <div
          className={cx(
            "max-w-full px-3.5 py-2 break-words whitespace-pre-wrap",
            is_private
              ? "rounded-lg border border-dashed border-note-line bg-note text-note-ink"
              : "w-fit rounded-2xl rounded-br-md bg-own text-on-own",
            !entry.error && "opacity-80",
          )}
        >
          {reply_to && <Quote id={reply_to} conversation={conversation_id} />}
          {content}
          {attachments && attachments.length > 0 && (
            <em className="block text-xs">{t("files.count", { count: attachments.length })}</em>
          )}
          <span className="float-right mt-1.5 ml-3 inline-flex items-center gap-1 text-[0.6875rem] leading-none">
            {clock(entry.at, i18n.language)}
            {!entry.error && <Clock role="img" aria-label={t("delivery.pending")} className="size-3.5" />}
          </span>
        </div>
        {entry.error ? (
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1 px-1 text-xs text-red">
            <TriangleAlert aria-hidden className="size-3.5" />
            <span>{t("delivery.refused", { reason: entry.error.message })}</span>
            <Button
              size="sm"
              variant="ghost"
              className="h-6 px-2 text-xs"
              icon={<RotateCcw className="size-3.5" />}
              onClick={() => live.connection.outbox.retry(entry.client_message_id)}
            >
              {t("delivery.retry")}
            </Button>
            <Button
              size="sm"
              variant="ghost"
              className="h-6 px-2 text-xs"
              icon={<Pencil className="size-3.5" />}
              onClick={() => {
                live.connection.outbox.discard(entry.client_message_id);
                onRestore(content, is_private ? "note" : "reply", reply_to ?? undefined);
              }}
            >
              {t("delivery.edit")}
            </Button>
          </div>
        ) : (
          isOffline && <p className="px-1 text-xs text-faint">{t("delivery.whenBack")}</p>
        )}
      </div>
    </div>
  );
});
