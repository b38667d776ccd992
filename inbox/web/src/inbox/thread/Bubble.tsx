import type { Id, Message } from "@turumba/realtime";
import { Bot, CircleSlash, Lock, Pencil, Reply, RotateCcw, Timer, TriangleAlert, Undo2 } from "lucide-react";
import { memo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useAgents } from "@/api/lookups";
import { useLive } from "@/app/live";
import { clock, full } from "@/lib/time";
import { Avatar, Button, cx, IconButton } from "@/ui";
import { useChange } from "../actions";
import { Attachments } from "./Attachments";
import { Subject, Whole } from "./Mail";
import type { Restore } from "./PendingBubble";
import { ProviderLog } from "./ProviderLog";
import { Quote } from "./Quote";
import { momentOf } from "./rows";
import { Text } from "./text";
import { Ticks } from "./Ticks";

interface Props {
  message: Message;
  isFirst: boolean;
  isLast: boolean;
  /** Answers a message; not there for who may not write. */
  onQuote?: ((id: Id) => void) | undefined;
  onRestore: Restore;
  /** Shows a message elsewhere in the thread. */
  onJump: (id: Id) => void;
}

const FAILED = ["failed", "permanently_failed", "unknown"];

/** One message: the customer's on the left, ours on the right, the bot's marked, notes unlike all of them. */
export const Bubble = memo(function Bubble({
  message,
  isFirst,
  isLast,
  onQuote,
  onRestore,
  onJump,
}: Props) {
  if (message.direction === "system" || message.sender_type === "system") {
    return <p className="px-6 py-1.5 text-center text-xs text-faint">{message.content}</p>;
  }
  if (message.is_private) return <Note message={message} isFirst={isFirst} onJump={onJump} />;
  const isOwn = message.direction === "outbound";
  const isBot = message.sender_type === "bot";
  return (
    <Frame
      message={message}
      isFirst={isFirst}
      side={isOwn ? "right" : "left"}
      kind={isBot ? "bot" : isOwn ? "agent" : "contact"}
      // what was not said cannot be answered
      onQuote={["scheduled", "cancelled"].includes(message.status) ? undefined : onQuote}
    >
      {isFirst && isOwn && <Sender message={message} />}
      <div
        className={cx(
          "w-fit max-w-full rounded-2xl px-3.5 py-2",
          isBot
            ? "border border-purple/40 bg-purple/12 text-ink"
            : isOwn
              ? "bg-own text-on-own"
              : "bg-card text-ink shadow-[inset_0_0_0_1px_var(--color-line)]",
          isOwn ? (isLast ? "rounded-br-md" : "") : isLast ? "rounded-bl-md" : "",
          message.status === "cancelled" && "line-through opacity-70",
        )}
      >
        {message.reply_to && message.conversation_id && (
          <Quote id={message.reply_to} conversation={message.conversation_id} onJump={onJump} />
        )}
        <Subject message={message} />
        {message.attachments.length > 0 && <Attachments files={message.attachments} isOwn={isOwn && !isBot} />}
        <Body message={message}>
          <Stamp message={message}>{isOwn && <Ticks message={message} />}</Stamp>
        </Body>
        <Whole message={message} />
      </div>
      <Reactions message={message} />
      {isOwn && FAILED.includes(message.status) && <Failure message={message} />}
      {message.status === "scheduled" && message.scheduled_at && (
        <Scheduled message={message} at={message.scheduled_at} mayCancel={onQuote !== undefined} />
      )}
      {message.status === "cancelled" && <Cancelled message={message} onRestore={onQuote && onRestore} />}
    </Frame>
  );
});

function Frame({
  message,
  isFirst,
  side,
  kind,
  onQuote,
  children,
}: {
  message: Message;
  isFirst: boolean;
  side: "left" | "right";
  kind: string;
  onQuote: Props["onQuote"];
  children: ReactNode;
}) {
  const { t } = useTranslation("inbox");
  const name = message.sender_name ?? "";
  const quote = onQuote && (
    <IconButton
      label={t("quote.answer")}
      icon={<Reply />}
      size="sm"
      tooltip={false}
      onClick={() => onQuote(message.id)}
      className="shrink-0 self-center opacity-0 group-hover:opacity-100 focus-visible:opacity-100 [@media(hover:none)]:opacity-70"
    />
  );
  return (
    <div
      data-message={message.id}
      data-kind={kind}
      className={cx("group flex gap-1 px-4", isFirst ? "pt-2.5" : "pt-0.5", side === "right" && "justify-end")}
    >
      {side === "left" && (
        <div className="mr-1.5 w-7 shrink-0 self-end">{isFirst && <Avatar name={name || "?"} size="sm" />}</div>
      )}
      {side === "right" && <ProviderLog message={message} />}
      {side === "right" && quote}
      <div className={cx("flex max-w-[min(78%,44rem)] min-w-0 flex-col gap-0.5", side === "right" && "items-end")}>
        {children}
      </div>
      {side === "left" && quote}
    </div>
  );
}

function Sender({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const rule =
    message.sender_type === "bot" ? (message.metadata as { rule_name?: string } | null)?.rule_name : undefined;
  return (
    <p className="flex items-center gap-1 px-1 text-xs text-faint">
      {message.sender_type === "bot" && <Bot aria-hidden className="size-3.5 text-purple" />}
      {message.sender_type === "agent" && message.sender_avatar_url && (
        <Avatar name={message.sender_name ?? ""} src={message.sender_avatar_url} size="xs" />
      )}
      {message.sender_type === "bot" ? t("sender.bot") : message.sender_name}
      {rule && <span>· {t("sender.rule", { rule })}</span>}
    </p>
  );
}

/** What the customer put under the message. */
function Reactions({ message }: { message: Message }) {
  const { reactions } = (message.metadata ?? {}) as { reactions?: Record<string, string> };
  const emoji = Object.values(reactions ?? {});
  if (!emoji.length) return null;
  return <p className="mt-0.5 w-fit rounded-full border border-line bg-card px-1.5 text-sm">{emoji.join(" ")}</p>;
}

function Body({ message, children }: { message: Message; children: ReactNode }) {
  const isJumbo = /^\p{Extended_Pictographic}{1,3}$/u.test(message.content);
  return (
    <div className={cx("flow-root break-words whitespace-pre-wrap", message.attachments.length > 0 && "mt-1")}>
      <span className="sr-only">{message.sender_name}: </span>
      <span dir="auto" className={cx(isJumbo && "text-3xl leading-tight")}>
        <Text>{message.content}</Text>
      </span>
      {children}
    </div>
  );
}

/** Time and ticks, at the end of the last line where there is room. */
function Stamp({ message, children }: { message: Message; children?: ReactNode }) {
  const { i18n } = useTranslation();
  const at = momentOf(message);
  return (
    <span className="float-right mt-1.5 ml-3 inline-flex items-center gap-1 text-[0.6875rem] leading-none opacity-85 select-none">
      <time dateTime={at} title={full(at, i18n.language)} className="tabular-nums">
        {clock(at, i18n.language)}
      </time>
      {children}
    </span>
  );
}

/** A note: only colleagues see it, and nobody can take it for a message. */
function Note({ message, isFirst, onJump }: Pick<Props, "message" | "isFirst" | "onJump">) {
  const { t } = useTranslation("inbox");
  const agents = useAgents();
  const mentioned = agents.filter((agent) => message.mentions.includes(agent.id));
  return (
    <div data-message={message.id} data-kind="note" className={cx("px-4", isFirst ? "pt-2.5" : "pt-1")}>
      <div className="ml-9 rounded-lg border border-dashed border-note-line bg-note px-3.5 py-2 text-note-ink">
        <p className="mb-0.5 flex items-center gap-1.5 text-xs font-semibold">
          <Lock aria-hidden className="size-3.5" />
          {t("note.badge")}
          <span className="font-normal">· {message.sender_name}</span>
          {mentioned.length > 0 && (
            <span className="font-normal">→ {mentioned.map((agent) => `@${agent.name}`).join(", ")}</span>
          )}
        </p>
        {message.reply_to && message.conversation_id && (
          <Quote id={message.reply_to} conversation={message.conversation_id} onJump={onJump} />
        )}
        {message.attachments.length > 0 && <Attachments files={message.attachments} isOwn={false} />}
        <Body message={message}>
          <Stamp message={message} />
        </Body>
      </div>
    </div>
  );
}

/** It waits for its time; until then it can be taken back. */
function Scheduled({ message, at, mayCancel }: { message: Message; at: string; mayCancel: boolean }) {
  const { t, i18n } = useTranslation("inbox");
  const live = useLive();
  return (
    <div className="flex flex-wrap items-center justify-end gap-x-2 px-1 text-xs text-faint">
      <Timer aria-hidden className="size-3.5" />
      <span>{t("delivery.later", { time: full(at, i18n.language) })}</span>
      {mayCancel && (
        <Act icon={<Undo2 className="size-3.5" />} work={() => live.cancel(message.id)}>
          {t("delivery.cancel")}
        </Act>
      )}
    </div>
  );
}

/** It was taken back and never sent; its text is not lost. */
function Cancelled({ message, onRestore }: { message: Message; onRestore?: Restore | undefined }) {
  const { t } = useTranslation("inbox");
  return (
    <div data-cancelled className="flex flex-wrap items-center justify-end gap-x-2 px-1 text-xs text-faint">
      <CircleSlash aria-hidden className="size-3.5" />
      <span>{t("delivery.takenBack")}</span>
      {onRestore && message.content && (
        <Button
          size="sm"
          variant="ghost"
          className="h-6 px-2 text-xs"
          icon={<Pencil className="size-3.5" />}
          onClick={() => onRestore(message.content, "reply", message.reply_to ?? undefined)}
        >
          {t("delivery.writeAgain")}
        </Button>
      )}
    </div>
  );
}

/** Something that the hub is asked to do with a message; what it refuses is said. */
function Act({ icon, work, children }: { icon: ReactNode; work: () => Promise<unknown>; children: ReactNode }) {
  const change = useChange();
  const [busy, setBusy] = useState(false);
  return (
    <Button
      size="sm"
      variant="ghost"
      className="h-6 px-2 text-xs"
      icon={icon}
      loading={busy}
      onClick={async () => {
        setBusy(true);
        await change.message(work);
        setBusy(false);
      }}
    >
      {children}
    </Button>
  );
}

/** Why a message did not arrive, or may not have, and what can be done. */
function Failure({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const live = useLive();
  const isUnknown = message.status === "unknown";
  return (
    <div
      data-failure={message.status}
      className={cx(
        "mt-0.5 flex flex-wrap items-center justify-end gap-x-2 gap-y-1 px-1 text-xs",
        isUnknown ? "text-orange" : "text-red",
      )}
    >
      <TriangleAlert aria-hidden className="size-3.5" />
      <span>
        {isUnknown
          ? t("delivery.mayBeSent")
          : t(`delivery.why.${message.error?.class ?? "other"}`, { defaultValue: t("delivery.failed") })}
        {!isUnknown && message.error?.message && <span className="opacity-90"> — {message.error.message}</span>}
      </span>
      <Act icon={<RotateCcw className="size-3.5" />} work={() => live.retry(message.id)}>
        {t(isUnknown ? "delivery.sendAgain" : "delivery.retry")}
      </Act>
    </div>
  );
}
