import type { Id } from "@turumba/realtime";
import { PanelLeft, Search, X } from "lucide-react";
import { useEffect, useRef, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";

import { useTeams } from "@/api/lookups";
import { useInbox } from "@/app/live";
import { IconButton, Input } from "@/ui";
import { useSetSearch } from "../place";
import type { InboxSearch } from "../routes";
import type { ListQuery } from "../store/query";
import { BulkBar } from "./BulkBar";
import { ConversationList } from "./ConversationList";
import { ActiveFilters, FilterMenu, SortMenu } from "./Filters";

interface Props {
  view: string;
  query: ListQuery;
  search: InboxSearch;
  open: Id | null;
  chosen: ReadonlySet<Id>;
  onOpen: (id: Id) => void;
  onChoose: (id: Id, range: boolean) => void;
  onClearChosen: () => void;
  searchRef: RefObject<HTMLInputElement | null>;
  /** Where the views have no column of their own. */
  onViews?: (() => void) | undefined;
}

const SEARCH_AFTER_MS = 250;

/** The middle column: its name, search, order and filters, and the list. */
export function ListColumn(props: Props) {
  const { view, query, search, open, chosen, onOpen, onChoose, onClearChosen, searchRef, onViews } = props;
  const { t } = useTranslation("inbox");
  const teams = useTeams();
  const name = query.team ? (teams.find((team) => team.id === view)?.name ?? t("views.team")) : t(`views.${view}`);
  return (
    <section aria-label={name} className="flex h-full min-h-0 flex-col bg-section">
      <header className="flex h-13 shrink-0 items-center gap-1 px-3">
        {onViews && <IconButton label={t("views.label")} icon={<PanelLeft />} onClick={onViews} className="-ml-1.5" />}
        <h1 className="min-w-0 flex-1 truncate text-base font-semibold">
          {name} <Total query={query} />
        </h1>
        <SortMenu search={search} />
        <FilterMenu search={search} />
      </header>
      <div className="px-3 pb-2">
        <SearchBox key={view} value={search.q ?? ""} inputRef={searchRef} />
      </div>
      <ActiveFilters search={search} />
      <div className="border-t border-line" />
      <BulkBar chosen={chosen} onClear={onClearChosen} />
      <ConversationList query={query} open={open} chosen={chosen} onOpen={onOpen} onChoose={onChoose} />
    </section>
  );
}

/** How many are in the list, as far as it has been read. */
function Total({ query }: { query: ListQuery }) {
  const count = useInbox((store) => store.list(query).ids.length);
  const isComplete = useInbox((store) => store.list(query).isComplete);
  if (!count) return null;
  return (
    <span className="text-[0.8125rem] font-normal text-faint tabular-nums">
      {count}
      {!isComplete && "+"}
    </span>
  );
}

function SearchBox({ value, inputRef }: { value: string; inputRef: RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation("inbox");
  const set = useSetSearch();
  const [text, setText] = useState(value);
  const sent = useRef(value);

  // back and forward change the address under the box
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);

  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      set({ q: text || undefined }, true);
    }, SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, set]);

  return (
    <Input
      ref={inputRef}
      type="search"
      aria-label={t("list.search")}
      placeholder={t("list.search")}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        if (text) setText("");
        else event.currentTarget.blur();
      }}
      before={<Search aria-hidden />}
      after={
        text ? (
          <IconButton
            label={t("list.clearSearch")}
            icon={<X />}
            size="sm"
            tooltip={false}
            onClick={() => setText("")}
          />
        ) : undefined
      }
      className="[&::-webkit-search-cancel-button]:hidden"
    />
  );
}
