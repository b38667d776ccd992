import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useAccount } from "@/app/account";
import {
  DataTable,
  FilterBuilder,
  Input,
  listQuery,
  useListState,
  type Columns,
  type FilterField,
  type ListState,
} from "@/ui";
import { ColumnChoice, useColumns } from "./columns";
import { ChooseAll, SelectionBar, useSelection, type BulkActions } from "./selection";

export interface ListAnswer<Row> {
  data: Row[];
  meta: { total: number; total_is_minimum?: boolean; next_cursor?: string | null };
}

export type ListParams = ReturnType<typeof listQuery> & { account_id: string };

interface ListViewProps<Row> {
  /** The first part of the query's key: what changes one of these invalidates it. */
  name: string;
  /** The parts of the key behind it, where several lists are of one kind. */
  of?: readonly string[];
  label: string;
  columns: Columns<Row & object>;
  read: (query: ListParams) => Promise<ListAnswer<Row>>;
  rowId: (row: Row) => string;
  /** The field that the search box looks into. */
  searchField?: string;
  filters?: readonly FilterField[];
  /** Conditions that the page itself sets. */
  always?: string[];
  sort?: ListState["sort"];
  empty: ReactNode;
  onRowClick?: (row: Row) => void;
  /** Lets one choose which columns are shown. */
  chooseColumns?: boolean;
  /** Rows can be chosen, and this be done with them. */
  bulk?: BulkActions<Row>;
  /** Beside search and filters. */
  tools?: (state: ListState) => ReactNode;
  /** Rows to begin with. */
  limit?: number;
  /** Read again every so many milliseconds, as long as it says so. */
  again?: (rows: Row[]) => number | false;
}

/** The hub gives so many in one answer. */
const PART = 1000;
/** Milliseconds after the last letter. */
const TYPING = 300;

/** A list of the hub with its search box, filters, table and pages. */
export function ListView<Row extends object>(props: ListViewProps<Row>) {
  const {
    name,
    of = [],
    label,
    columns,
    read,
    rowId,
    searchField,
    filters,
    always = [],
    sort,
    empty,
    bulk,
    tools,
  } = props;
  const { chooseColumns = false, onRowClick, again } = props;
  const { account } = useAccount();
  const [state, setState] = useListState(props.limit);
  const shown = { ...state, sort: state.sort ?? sort ?? null };
  const more = state.q && searchField ? [...always, `${searchField}:icontains:${state.q}`] : always;
  const query: ListParams = { ...listQuery(shown, more), account_id: account.account_id };
  const list = useQuery({
    queryKey: [name, "list", ...of, query],
    queryFn: () => read(query),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => (data && again ? again(data.data) : false),
  });
  const choice = useColumns(name, columns as Columns<Row>);
  const selection = useSelection(list.data?.data, rowId, bulk, JSON.stringify([of, query.filter]));
  // of an empty list there is nothing to search
  const isPlain = !state.q && state.filters.length === 0;
  const isEmpty = isPlain && list.data?.meta.total === 0;
  const hasTools = (searchField || filters || tools || chooseColumns) && !isEmpty;
  return (
    <div>
      {hasTools && (
        <div className="mb-3 flex flex-wrap items-center gap-2">
          {searchField && <SearchBox value={state.q} onChange={(q) => setState({ q })} />}
          {filters && (
            <FilterBuilder fields={filters} filters={state.filters} onChange={(next) => setState({ filters: next })} />
          )}
          {chooseColumns && <ColumnChoice choice={choice} />}
          {tools?.(shown)}
        </div>
      )}
      {bulk && selection.ids.size > 0 && (
        <SelectionBar count={selection.ids.size} onClear={selection.clear}>
          {bulk.beyondPage && selection.isWholePage && list.data && list.data.meta.total > selection.ids.size && (
            <ChooseAll
              key={JSON.stringify(query.filter)}
              total={list.data.meta.total}
              totalIsMinimum={list.data.meta.total_is_minimum ?? false}
              read={async (cursor) => {
                const { filter, account_id } = query;
                const told = await read({
                  filter,
                  account_id,
                  limit: PART,
                  ...(cursor ? { cursor } : { skip: 0 }),
                } as ListParams);
                return { ids: told.data.map(rowId), next: told.meta.next_cursor ?? null };
              }}
              onChosen={selection.choose}
            />
          )}
          {bulk.actions([...selection.ids], selection.clear)}
        </SelectionBar>
      )}
      <DataTable<Row>
        label={label}
        columns={bulk && selection.column ? [selection.column, ...choice.columns] : choice.columns}
        rows={list.data?.data}
        rowId={rowId}
        total={list.data?.meta.total ?? 0}
        totalIsMinimum={list.data?.meta.total_is_minimum}
        nextCursor={list.data?.meta.next_cursor}
        state={shown}
        onStateChange={setState}
        isBusy={list.isPlaceholderData}
        error={list.error}
        onRetry={() => void list.refetch()}
        empty={<div className="rounded-xl border border-line bg-section">{empty}</div>}
        {...(onRowClick && { onRowClick })}
      />
    </div>
  );
}

function SearchBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation("ui");
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text.trim()), TYPING);
    return () => clearTimeout(timer);
  }, [text]); // eslint-disable-line react-hooks/exhaustive-deps
  return (
    <div className="w-full sm:w-64">
      <Input
        type="search"
        aria-label={t("search")}
        placeholder={t("search")}
        before={<Search aria-hidden />}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}
