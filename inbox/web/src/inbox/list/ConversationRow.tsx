import type { Conversation, Id } from "@turumba/realtime";
import { ArrowDown, ArrowUp, Bot, ChevronsUp, Clock, Reply } from "lucide-react";
import type { TFunction } from "i18next";
import { memo } from "react";
import { useTranslation } from "react-i18next";

import { useInbox } from "@/app/live";
import { brief, short, useNow } from "@/lib/time";
import { Avatar, cx } from "@/ui";
import { ChannelIcon } from "../channel";
import { contactName } from "../names";

export const ROW_HEIGHT = 78;

interface Props {
  id: Id;
  isOpen: boolean;
  isChosen: boolean;
  /** While some are chosen, a press chooses. */
  isChoosing: boolean;
  onOpen: (id: Id) => void;
  onChoose: (id: Id, range: boolean) => void;
}

/** One conversation in the list. Drawn again only when it, or what is done with it, changes. */
export const ConversationRow = memo(function ConversationRow(props: Props) {
  const { id, isOpen, isChosen, isChoosing, onOpen, onChoose } = props;
  const one = useInbox((store) => store.conversation(id));
  const draft = useInbox((store) => store.pendingOf(id).length > 0);
  const { t, i18n } = useTranslation("inbox");
  if (!one) return null;
  const name = contactName(one);
  const isUnread = one.unread_count > 0;
  return (
    <div
      className={cx(
        "group relative flex h-full w-full items-center gap-3 border-b border-line/60 px-3",
        isOpen ? "bg-selected" : isChosen ? "bg-blue/12" : "hover:bg-hover",
      )}
    >
      {isOpen && <span aria-hidden className="absolute inset-y-0 left-0 w-0.75 bg-brand" />}
      <div className="relative shrink-0">
        <Avatar
          name={name}
          corner={<ChannelIcon type={one.channel_type} />}
          className={cx((isChosen || isChoosing) && "invisible", "group-hover:[&]:pointer-events-none")}
        />
        <label
          className={cx(
            "absolute inset-0 flex cursor-pointer items-center justify-center rounded-full bg-raised",
            isChosen || isChoosing ? "opacity-100" : "opacity-0 group-hover:opacity-100 focus-within:opacity-100",
          )}
        >
          <input
            type="checkbox"
            checked={isChosen}
            tabIndex={-1}
            aria-label={t("list.choose", { name })}
            className="size-4 accent-(--color-brand)"
            onChange={() => undefined}
            onClick={(event) => onChoose(id, event.shiftKey)}
          />
        </label>
      </div>
      <button
        type="button"
        data-conversation={id}
        aria-current={isOpen || undefined}
        onClick={() => onOpen(id)}
        className="flex h-full min-w-0 flex-1 flex-col justify-center gap-0.5 text-left outline-offset-[-2px]"
      >
        <span className="flex w-full items-baseline gap-2">
          <span className={cx("min-w-0 flex-1 truncate", isUnread ? "font-semibold text-ink" : "font-medium")}>
            {name}
          </span>
          {one.last_message_at && (
            <time dateTime={one.last_message_at} className="shrink-0 text-xs text-faint tabular-nums">
              {brief(one.last_message_at, i18n.language)}
            </time>
          )}
        </span>
        <span className="flex w-full items-center gap-2">
          <span className={cx("min-w-0 flex-1 truncate text-[0.8125rem]", isUnread ? "text-ink" : "text-muted")}>
            {draft ? t("list.unsent") : <Preview one={one} t={t} />}
          </span>
          {isUnread && (
            <span
              aria-label={t("list.unread", { count: one.unread_count })}
              className="inline-flex h-4.5 min-w-4.5 shrink-0 items-center justify-center rounded-full bg-brand px-1 text-[0.6875rem] font-semibold text-on-brand tabular-nums"
            >
              {one.unread_count > 99 ? "99+" : one.unread_count}
            </span>
          )}
        </span>
        <Facts one={one} t={t} />
      </button>
    </div>
  );
});

type Words = TFunction<"inbox">;

function Preview({ one, t }: { one: Conversation; t: Words }) {
  const who = one.last_sender_type;
  return (
    <>
      {who === "agent" && (
        <Reply aria-label={t("list.answered")} className="mr-1 inline size-3.5 align-[-2px] text-faint" />
      )}
      {who === "bot" && <Bot aria-label={t("sender.bot")} className="mr-1 inline size-3.5 align-[-2px] text-purple" />}
      {one.last_message_preview ?? t("list.nothing")}
    </>
  );
}

/** The last line: how long the customer waits, how urgent it is, who has it, what it is about. */
function Facts({ one, t }: { one: Conversation; t: Words }) {
  return (
    <span className="flex h-4.5 w-full items-center gap-1.5 overflow-hidden text-xs text-faint">
      {one.waiting_since && one.status !== "resolved" && one.status !== "closed" && (
        <Waiting since={one.waiting_since} t={t} />
      )}
      {one.priority !== "normal" && <PriorityMark priority={one.priority} t={t} />}
      {(one.status === "pending" || one.status === "resolved" || one.status === "closed" || one.status === "bot") && (
        <span className={cx("shrink-0", one.status === "bot" && "text-purple")}>{t(`status.${one.status}`)}</span>
      )}
      {one.labels.slice(0, 3).map((label) => (
        <span key={label} className="max-w-24 shrink truncate rounded bg-hover px-1 text-muted">
          {label}
        </span>
      ))}
      <span className="flex-1" />
      {one.assignee && <span className="max-w-28 shrink-0 truncate">{one.assignee.name}</span>}
    </span>
  );
}

const LATE_MS = 5 * 60_000;

export function Waiting({ since, t }: { since: string; t: Words }) {
  const waited = Math.max(0, useNow() - Date.parse(since));
  const text = short(waited, t("time", { returnObjects: true }) as never);
  return (
    <span
      title={t("list.waiting", { time: text })}
      className={cx(
        "inline-flex shrink-0 items-center gap-1 tabular-nums",
        waited > LATE_MS ? "font-medium text-orange" : "text-muted",
      )}
    >
      <Clock aria-hidden className="size-3" />
      <span className="sr-only">{t("list.waiting", { time: text })}</span>
      <span aria-hidden>{text}</span>
    </span>
  );
}

export function PriorityMark({ priority, t }: { priority: Conversation["priority"]; t: Words }) {
  const Icon = priority === "urgent" ? ChevronsUp : priority === "high" ? ArrowUp : ArrowDown;
  return (
    <Icon
      role="img"
      aria-label={t(`priority.${priority}`)}
      className={cx(
        "size-3.5 shrink-0",
        priority === "urgent" ? "text-red" : priority === "high" ? "text-orange" : "text-faint",
      )}
      strokeWidth={2.6}
    />
  );
}
