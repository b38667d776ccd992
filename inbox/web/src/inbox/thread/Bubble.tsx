import type { Id, Message } from "@turumba/realtime";
import { Bot, Lock, RotateCcw, Timer, TriangleAlert } from "lucide-react";
import { memo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useAgents } from "@/api/lookups";
import { useInbox, useLive } from "@/app/live";
import { clock, full } from "@/lib/time";
import { Avatar, Button, cx } from "@/ui";
import { useChange } from "../actions";
import { Attachments } from "./Attachments";
import { Text } from "./text";
import { Ticks } from "./Ticks";

interface Props {
  message: Message;
  isFirst: boolean;
  isLast: boolean;
}

const FAILED = ["failed", "permanently_failed", "unknown"];

/** One message: the customer's on the left, ours on the right, the bot's marked, notes unlike all of them. */
export const Bubble = memo(function Bubble({ message, isFirst, isLast }: Props) {
  if (message.direction === "system" || message.sender_type === "system") {
    return <p className="px-6 py-1.5 text-center text-xs text-faint">{message.content}</p>;
  }
  if (message.is_private) return <Note message={message} isFirst={isFirst} />;
  const isOwn = message.direction === "outbound";
  const isBot = message.sender_type === "bot";
  return (
    <Frame
      message={message}
      isFirst={isFirst}
      side={isOwn ? "right" : "left"}
      kind={isBot ? "bot" : isOwn ? "agent" : "contact"}
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
        )}
      >
        {message.reply_to && <Quote id={message.reply_to} conversation={message.conversation_id} />}
        {message.attachments.length > 0 && <Attachments files={message.attachments} isOwn={isOwn && !isBot} />}
        <Body message={message}>
          <Stamp message={message}>{isOwn && <Ticks message={message} />}</Stamp>
        </Body>
      </div>
      {isOwn && FAILED.includes(message.status) && <Failure message={message} />}
      {message.status === "scheduled" && message.scheduled_at && <Later at={message.scheduled_at} />}
    </Frame>
  );
});

function Frame({
  message,
  isFirst,
  side,
  kind,
  children,
}: {
  message: Message;
  isFirst: boolean;
  side: "left" | "right";
  kind: string;
  children: ReactNode;
}) {
  const name = message.sender_name ?? "";
  return (
    <div
      data-message={message.id}
      data-kind={kind}
      className={cx("flex gap-2.5 px-4", isFirst ? "pt-2.5" : "pt-0.5", side === "right" && "justify-end")}
    >
      {side === "left" && (
        <div className="w-7 shrink-0 self-end">{isFirst && <Avatar name={name || "?"} size="sm" />}</div>
      )}
      <div className={cx("flex max-w-[min(78%,44rem)] min-w-0 flex-col gap-0.5", side === "right" && "items-end")}>
        {children}
      </div>
    </div>
  );
}

function Sender({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const rule = message.sender_type === "bot" ? (message.metadata.rule_name as string | undefined) : undefined;
  return (
    <p className="flex items-center gap-1 px-1 text-xs text-faint">
      {message.sender_type === "bot" && <Bot aria-hidden className="size-3.5 text-purple" />}
      {message.sender_type === "bot" ? t("sender.bot") : message.sender_name}
      {rule && <span>· {t("sender.rule", { rule })}</span>}
    </p>
  );
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
  return (
    <span className="float-right mt-1.5 ml-3 inline-flex items-center gap-1 text-[0.6875rem] leading-none opacity-85 select-none">
      <time dateTime={message.created_at} title={full(message.created_at, i18n.language)} className="tabular-nums">
        {clock(message.created_at, i18n.language)}
      </time>
      {children}
    </span>
  );
}

/** A note: only colleagues see it, and nobody can take it for a message. */
function Note({ message, isFirst }: { message: Message; isFirst: boolean }) {
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
        {message.attachments.length > 0 && <Attachments files={message.attachments} isOwn={false} />}
        <Body message={message}>
          <Stamp message={message} />
        </Body>
      </div>
    </div>
  );
}

function Quote({ id, conversation }: { id: Id; conversation: Id | null }) {
  const quoted = useInbox((store) =>
    conversation ? store.thread(conversation)?.messages.find((message) => message.id === id) : undefined,
  );
  if (!quoted) return null;
  return (
    <p className="mb-1 truncate border-l-2 border-current/50 pl-2 text-xs opacity-80">
      {quoted.sender_name}: {quoted.content}
    </p>
  );
}

function Later({ at }: { at: string }) {
  const { t, i18n } = useTranslation("inbox");
  return (
    <p className="flex items-center gap-1 px-1 text-xs text-faint">
      <Timer aria-hidden className="size-3.5" />
      {t("delivery.later", { time: full(at, i18n.language) })}
    </p>
  );
}

/** Why a message did not arrive, or may not have, and what can be done. */
function Failure({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const live = useLive();
  const change = useChange();
  const [busy, setBusy] = useState(false);
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
      <Button
        size="sm"
        variant="ghost"
        className="h-6 px-2 text-xs"
        icon={<RotateCcw className="size-3.5" />}
        loading={busy}
        onClick={async () => {
          setBusy(true);
          await change.message(() => live.retry(message.id));
          setBusy(false);
        }}
      >
        {t(isUnknown ? "delivery.sendAgain" : "delivery.retry")}
      </Button>
    </div>
  );
}
