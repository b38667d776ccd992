import type { Id } from "@turumba/realtime";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Inbox, RotateCcw } from "lucide-react";
import { useCallback, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { useInbox, useLive } from "@/app/live";
import { Button, EmptyState, Skeleton } from "@/ui";
import type { ListQuery } from "../store/query";
import { ConversationRow, ROW_HEIGHT } from "./ConversationRow";

/** Rows kept below and above what is seen. */
const OVERSCAN = 6;
/** So many rows before the end the next page is read. */
const AHEAD = 40;

interface Props {
  query: ListQuery;
  open: Id | null;
  chosen: ReadonlySet<Id>;
  onOpen: (id: Id) => void;
  onChoose: (id: Id, range: boolean) => void;
}

export function ConversationList({ query, open, chosen, onOpen, onChoose }: Props) {
  const { t } = useTranslation("inbox");
  const live = useLive();
  const ids = useInbox((store) => store.list(query).ids);
  const phase = useInbox((store) => store.list(query).phase);
  const hasMore = useInbox((store) => store.list(query).cursor !== null);
  const scroller = useRef<HTMLDivElement>(null);
  // a function of its own at every drawing would have all rows placed anew
  const keyOf = useCallback((index: number) => ids[index]!, [ids]);
  const rows = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: rowHeight,
    getItemKey: keyOf,
    overscan: OVERSCAN,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (hasMore && last >= ids.length - AHEAD) void live.loadMore(query);
  }, [live, query, hasMore, last, ids.length]);

  // another list begins at its top
  useEffect(() => scroller.current?.scrollTo({ top: 0 }), [query]);

  // what is opened by keyboard stays in sight
  const index = open ? ids.indexOf(open) : -1;
  useEffect(() => {
    if (index >= 0) rows.scrollToIndex(index, { align: "auto" });
    // only when another one is opened: the list may move under it as it likes
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [open]);

  if (phase === "failed") {
    return (
      <EmptyState
        title={t("list.failed")}
        action={
          <Button icon={<RotateCcw />} onClick={() => void live.openList(query, true)}>
            {t("again")}
          </Button>
        }
      />
    );
  }
  if (phase === "loading") return <Skeletons />;
  if (!ids.length)
    return <EmptyState icon={<Inbox />} title={t("list.empty")} text={t(`list.emptyOf.${emptyOf(query)}`)} />;
  return (
    <div ref={scroller} data-list className="min-h-0 flex-1 overflow-y-auto overscroll-contain [contain:strict]">
      <ul aria-label={t("list.label")} style={{ height: rows.getTotalSize() }} className="relative w-full">
        {items.map((item) => {
          const id = ids[item.index]!;
          return (
            <li
              key={item.key}
              data-row
              aria-setsize={hasMore ? -1 : ids.length}
              aria-posinset={item.index + 1}
              className="absolute inset-x-0 top-0"
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
            >
              <ConversationRow
                id={id}
                isOpen={id === open}
                isChosen={chosen.has(id)}
                isChoosing={chosen.size > 0}
                onOpen={onOpen}
                onChoose={onChoose}
              />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const rowHeight = () => ROW_HEIGHT;

const emptyOf = (query: ListQuery) =>
  query.q || query.status || query.channel_type || query.priority || query.label || query.assignee
    ? "filtered"
    : query.view;

function Skeletons() {
  return (
    <div aria-hidden className="min-h-0 flex-1 overflow-hidden">
      {Array.from({ length: 9 }, (_, at) => (
        <div key={at} style={{ height: ROW_HEIGHT }} className="flex items-center gap-3 border-b border-line/60 px-3">
          <Skeleton className="size-9 rounded-full" />
          <div className="flex flex-1 flex-col gap-2">
            <Skeleton className="h-3 w-2/5" />
            <Skeleton className="h-3 w-4/5" />
          </div>
        </div>
      ))}
    </div>
  );
}
