import type { Id } from "@turumba/realtime";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useInbox } from "@/app/live";
import { messageOf } from "../store/thread";

interface Props {
  id: Id;
  conversation: Id;
  /** Shows the quoted message at its place. */
  onJump?: (id: Id) => void;
  onRemove?: () => void;
}

/** The message that is answered, in one line. */
export function Quote({ id, conversation, onJump, onRemove }: Props) {
  const { t } = useTranslation("inbox");
  const quoted = useInbox((store) => messageOf(store.thread(conversation), id));
  const file = quoted?.attachments[0];
  const text = quoted && (quoted.content || (file && (file.filename ?? t(`files.${file.type}`))));
  const line = (
    <>
      {quoted?.sender_name && <span className="font-semibold">{quoted.sender_name}: </span>}
      {text ?? t("quote.earlier")}
    </>
  );
  const look = "block min-w-0 flex-1 truncate border-l-2 border-current/50 pl-2 text-left text-xs opacity-85";
  return (
    <div data-quote={id} className="mb-1 flex max-w-full items-center gap-1">
      {onJump && quoted ? (
        <button type="button" className={look} aria-label={t("quote.show")} onClick={() => onJump(id)}>
          {line}
        </button>
      ) : (
        <p className={look}>{line}</p>
      )}
      {onRemove && (
        <button type="button" aria-label={t("quote.remove")} onClick={onRemove} className="rounded p-1 hover:bg-hover">
          <X aria-hidden className="size-3.5" />
        </button>
      )}
    </div>
  );
}
