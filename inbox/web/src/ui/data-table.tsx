import {
  createColumnHelper,
  metaHelper,
  rowPaginationFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
  type RowData,
} from "@tanstack/react-table";
import { ArrowDown, ArrowUp, ChevronsUpDown, RotateCw, SearchX } from "lucide-react";
import type { MouseEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "./button";
import { cx } from "./cx";
import { EmptyState } from "./empty-state";
import type { ListState, SetListState } from "./list-state";
import { Pagination } from "./pagination";
import { Skeleton } from "./skeleton";

interface ColumnMeta {
  align?: "start" | "end";
  /** The cell that opens the row by keyboard. */
  primary?: boolean;
  /** Shown only to who chooses it. */
  hidden?: boolean;
  className?: string;
}

const features = tableFeatures({ rowSortingFeature, rowPaginationFeature, columnMeta: metaHelper<ColumnMeta>() });

// the value's type differs by column and no table needs to know it
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Columns<Row extends RowData> = ColumnDef<typeof features, Row, any>[];

/** Typed columns: `const column = columnsOf<Row>()`, then `column.accessor("name", {…})`. Keep the list stable. */
export function columnsOf<Row extends RowData>() {
  return createColumnHelper<typeof features, Row>();
}

interface DataTableProps<Row extends RowData> {
  /** What the rows are; read out as the table's name. */
  label: string;
  columns: Columns<Row>;
  /** The page as the hub sorted and cut it; `undefined` while it is awaited. */
  rows: Row[] | undefined;
  rowId: (row: Row) => string;
  total: number;
  totalIsMinimum?: boolean | undefined;
  /** Goes on behind these rows, further than pages have numbers. */
  nextCursor?: string | null | undefined;
  state: ListState;
  onStateChange: SetListState;
  /** Shown when there is nothing at all. */
  empty: ReactNode;
  error?: Error | null;
  onRetry?: () => void;
  onRowClick?: (row: Row) => void;
  isBusy?: boolean;
}

const noRows: never[] = [];

/** A list of the hub: sorted, filtered and cut by the hub, its state in the address. */
export function DataTable<Row extends RowData>({
  label,
  columns,
  rows,
  rowId,
  total,
  totalIsMinimum = false,
  nextCursor,
  state,
  onStateChange,
  empty,
  error,
  onRetry,
  onRowClick,
  isBusy,
}: DataTableProps<Row>) {
  const { t } = useTranslation("ui");
  const sorting = state.sort ? [{ id: state.sort.field, desc: state.sort.desc }] : [];
  const pagination = { pageIndex: state.page - 1, pageSize: state.limit };
  const table = useTable({
    features,
    columns,
    data: rows ?? (noRows as Row[]),
    rowCount: total,
    getRowId: rowId,
    manualSorting: true,
    manualPagination: true,
    enableSortingRemoval: false,
    enableMultiSort: false,
    state: { sorting, pagination },
    onSortingChange: (update) => {
      const [first] = typeof update === "function" ? update(sorting) : update;
      onStateChange({ sort: first ? { field: first.id, desc: first.desc } : null });
    },
    onPaginationChange: (update) => {
      const next = typeof update === "function" ? update(pagination) : update;
      onStateChange({ page: next.pageIndex + 1, limit: next.pageSize });
    },
  });

  const isNarrowed = state.filters.length > 0 || state.q !== "";
  const isEmpty = rows !== undefined && rows.length === 0;
  if (error && !rows) {
    return (
      <EmptyState
        title={t("load_failed")}
        text={error.message}
        action={onRetry && <Button icon={<RotateCw className="size-4" />} onClick={onRetry} children={t("retry")} />}
      />
    );
  }
  if (isEmpty && isNarrowed) {
    return (
      <EmptyState
        icon={<SearchX />}
        title={t("nothing_matches")}
        text={t("nothing_matches_text")}
        action={<Button onClick={() => onStateChange({ filters: [], q: "" })}>{t("clear_filters")}</Button>}
      />
    );
  }
  if (isEmpty && state.page === 1) return <>{empty}</>;

  return (
    <div>
      <div
        // scrolls by itself on small screens, by keyboard too
        role="region"
        aria-label={label}
        tabIndex={0}
        className="relative overflow-x-auto rounded-xl border border-line bg-section"
      >
        <table aria-busy={rows === undefined || isBusy} className="w-full border-collapse text-left">
          <caption className="sr-only">{label}</caption>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id} className="border-b border-line">
                {group.headers.map((header) => {
                  const { column } = header;
                  const sorted = column.getIsSorted();
                  const align = column.columnDef.meta?.align;
                  return (
                    <th
                      key={header.id}
                      scope="col"
                      aria-sort={sorted ? (sorted === "desc" ? "descending" : "ascending") : undefined}
                      className={cx(
                        "h-10 px-3 text-xs font-semibold whitespace-nowrap text-muted first:pl-4 last:pr-4",
                        align === "end" && "text-right",
                        column.columnDef.meta?.className,
                      )}
                    >
                      {column.getCanSort() ? (
                        <button
                          type="button"
                          onClick={column.getToggleSortingHandler()}
                          className="-mx-1.5 inline-flex h-7 items-center gap-1 rounded-md px-1.5 hover:bg-hover hover:text-ink"
                        >
                          <table.FlexRender header={header} />
                          {sorted === "asc" && <ArrowUp aria-hidden className="size-3.5 text-blue" />}
                          {sorted === "desc" && <ArrowDown aria-hidden className="size-3.5 text-blue" />}
                          {!sorted && <ChevronsUpDown aria-hidden className="size-3.5 opacity-60" />}
                        </button>
                      ) : (
                        <table.FlexRender header={header} />
                      )}
                    </th>
                  );
                })}
              </tr>
            ))}
          </thead>
          <tbody className={cx(isBusy && rows && "opacity-60 transition-opacity")}>
            {rows === undefined && <SkeletonRows columns={columns.length} count={Math.min(state.limit, 6)} />}
            {table.getRowModel().rows.map((row) => (
              <tr
                key={row.id}
                onClick={onRowClick && ((event) => !isControl(event) && onRowClick(row.original))}
                className={cx(
                  "border-b border-line last:border-0",
                  onRowClick && "cursor-pointer transition-colors hover:bg-hover/60",
                )}
              >
                {row.getAllCells().map((cell) => {
                  const meta = cell.column.columnDef.meta;
                  const content = <table.FlexRender cell={cell} />;
                  return (
                    <td
                      key={cell.id}
                      className={cx(
                        "h-12 px-3 first:pl-4 last:pr-4",
                        meta?.align === "end" && "text-right",
                        meta?.primary && "min-w-36",
                        meta?.className,
                      )}
                    >
                      {meta?.primary && onRowClick ? (
                        <button
                          type="button"
                          onClick={() => onRowClick(row.original)}
                          className="rounded text-left align-middle font-medium text-ink hover:text-blue hover:underline"
                        >
                          {content}
                        </button>
                      ) : (
                        content
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pagination
        page={state.page}
        limit={state.limit}
        total={total}
        totalIsMinimum={totalIsMinimum}
        rows={rows?.length ?? 0}
        onFurther={nextCursor ? () => onStateChange({ page: state.page + 1, after: nextCursor }) : undefined}
        onChange={({ page, limit }) => onStateChange({ ...(page && { page }), ...(limit && { limit }) })}
      />
    </div>
  );
}

/** A press on something inside a row is not one on the row; menus hang elsewhere in the page but bubble here. */
function isControl(event: MouseEvent<HTMLElement>): boolean {
  const target = event.target as HTMLElement;
  return !event.currentTarget.contains(target) || target.closest("a, button, input, label, [role=menuitem]") !== null;
}

function SkeletonRows({ columns, count }: { columns: number; count: number }) {
  return Array.from({ length: count }, (_, row) => (
    <tr key={row} className="border-b border-line last:border-0">
      {Array.from({ length: columns }, (_, column) => (
        <td key={column} className="h-12 px-3 first:pl-4">
          <Skeleton className={cx("h-4", column === 0 ? "w-36" : "w-20")} />
        </td>
      ))}
    </tr>
  ));
}
