import type { Id } from "@turumba/realtime";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { useInbox, useLive } from "@/app/live";
import { day } from "@/lib/time";
import { Spinner } from "@/ui";
import { Bubble } from "./Bubble";
import { PendingBubble, type Restore } from "./PendingBubble";
import { LineRow } from "./LineRow";
import { rowsOf, type Row } from "./rows";
import { useLines } from "./useLines";

/** Nearer than this to the top, the page before is read. */
const NEAR_TOP = 600;
/** Nearer than this to the end, one is at the end. */
const NEAR_END = 80;

interface Props {
  id: Id;
  onRestore: Restore;
  onQuote?: ((id: Id) => void) | undefined;
}

/** The messages of a thread, the newest at the lower edge; only those in sight are drawn. */
export function Timeline({ id, onRestore, onQuote }: Props) {
  const { t, i18n } = useTranslation("inbox");
  const live = useLive();
  const messages = useInbox((store) => store.thread(id)?.messages);
  const hasMore = useInbox((store) => store.thread(id)?.hasMore ?? false);
  const loadingOlder = useInbox((store) => store.thread(id)?.loadingOlder ?? false);
  const readSeq = useInbox((store) => store.thread(id)?.readSeq ?? 0);
  const pending = useInbox((store) => store.pendingOf(id));
  const lines = useLines(id);
  // the mark stays where it was when the thread was opened
  const [mark] = useState(readSeq);
  const rows = useMemo(
    () => rowsOf({ messages: messages ?? [], lines, pending, hasMore, readSeq: mark }),
    [messages, lines, pending, hasMore, mark],
  );
  const scroller = useRef<HTMLDivElement>(null);
  // functions of their own at every drawing would have all rows placed anew
  const keyOf = useCallback((index: number) => rows[index]!.key, [rows]);
  const sizeOf = useCallback((index: number) => estimate(rows[index]!), [rows]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: sizeOf,
    getItemKey: keyOf,
    overscan: 8,
    // what is read stays in place when older pages come in above it
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: NEAR_END,
    paddingStart: 12,
    paddingEnd: 12,
  });
  const [atEnd, setAtEnd] = useState(true);
  const count = messages?.length ?? 0;

  useLayoutEffect(() => {
    virtual.scrollToEnd();
    // once, when the thread is shown
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const onScroll = () => {
    const box = scroller.current;
    if (!box) return;
    setAtEnd(box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END);
    if (box.scrollTop < NEAR_TOP && hasMore) void live.loadOlder(id);
  };
  // whoever waits at the top for a page gets the one before it too, and so does a page that fills no screen
  useEffect(() => {
    const box = scroller.current;
    if (box && hasMore && !loadingOlder && box.scrollTop < NEAR_TOP) void live.loadOlder(id);
  }, [live, id, hasMore, loadingOlder, count]);

  // what one has sent oneself is shown wherever one was
  const lastPending = pending.at(-1)?.client_message_id;
  useEffect(() => {
    if (lastPending) virtual.scrollToEnd();
  }, [lastPending, virtual]);

  // a quote leads to what it quotes, as far as that is loaded
  const places = useRef(rows);
  places.current = rows;
  const jump = useCallback(
    (message: Id) => {
      const at = places.current.findIndex((row) => row.kind === "message" && row.message.id === message);
      if (at >= 0) virtual.scrollToIndex(at, { align: "center" });
    },
    [virtual],
  );

  useReadMark(id, atEnd);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        data-timeline
        role="log"
        aria-label={t("thread.messages")}
        tabIndex={0}
        onScroll={onScroll}
        className="h-full overflow-y-auto overscroll-contain outline-offset-[-2px] [contain:strict]"
      >
        {loadingOlder && (
          <div
            role="status"
            aria-label={t("thread.loadingOlder")}
            className="absolute inset-x-0 top-2 z-10 flex justify-center text-muted"
          >
            <Spinner />
          </div>
        )}
        <div className="relative w-full" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              data-row
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {rows[item.index]!.day && <Day at={rows[item.index]!.day!} locale={i18n.language} />}
              <RowView row={rows[item.index]!} onRestore={onRestore} onQuote={onQuote} onJump={jump} />
            </div>
          ))}
        </div>
      </div>
      {!atEnd && (
        <button
          type="button"
          onClick={() => virtual.scrollToEnd({ behavior: "smooth" })}
          className="absolute right-4 bottom-3 flex size-9 items-center justify-center rounded-full border border-line bg-card text-muted shadow-pop hover:text-ink"
          aria-label={t("thread.toEnd")}
        >
          <ArrowDown aria-hidden className="size-4.5" />
        </button>
      )}
    </div>
  );
}

function Day({ at, locale }: { at: string; locale: string }) {
  return (
    <div className="flex items-center gap-3 px-4 pt-4 pb-1 text-xs font-medium text-faint">
      <span className="h-px flex-1 bg-line" />
      <h3>{day(at, locale)}</h3>
      <span className="h-px flex-1 bg-line" />
    </div>
  );
}

interface RowProps extends Omit<Props, "id"> {
  row: Row;
  onJump: (id: Id) => void;
}

function RowView({ row, onRestore, onQuote, onJump }: RowProps) {
  const { t } = useTranslation("inbox");
  switch (row.kind) {
    case "new":
      return (
        <div className="flex items-center gap-3 px-4 pt-3 text-xs font-semibold text-blue">
          <span className="h-px flex-1 bg-blue/50" />
          {t("thread.new")}
          <span className="h-px flex-1 bg-blue/50" />
        </div>
      );
    case "line":
      return <LineRow line={row.line} />;
    case "message":
      return (
        <Bubble
          message={row.message}
          isFirst={row.isFirst}
          isLast={row.isLast}
          onQuote={onQuote}
          onRestore={onRestore}
          onJump={onJump}
        />
      );
    case "pending":
      return <PendingBubble entry={row.entry} onRestore={onRestore} />;
  }
}

/** A first guess; what is drawn is measured. */
function estimate(row: Row): number {
  const above = row.day ? 38 : 0;
  if (row.kind !== "message") return above + 28;
  const lines = Math.ceil(row.message.content.length / 70) + row.message.content.split("\n").length - 1;
  const files = row.message.attachments.length * 90;
  return above + (row.isFirst ? 50 : 40) + Math.max(0, lines - 1) * 20 + files;
}

/** Says how far one has read: while the end is in sight and the page is looked at. */
function useReadMark(id: Id, atEnd: boolean): void {
  const live = useLive();
  const last = useInbox((store) => store.thread(id)?.messages.at(-1)?.seq ?? 0);
  const unread = useInbox((store) => store.conversation(id)?.unread_count ?? 0);
  const told = useRef(0);
  useEffect(() => {
    const tell = () => {
      if (!atEnd || document.hidden || !last || (told.current >= last && unread === 0)) return;
      if (told.current >= last) return;
      told.current = last;
      live.markRead(id, last);
    };
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, [live, id, last, unread, atEnd]);
}
