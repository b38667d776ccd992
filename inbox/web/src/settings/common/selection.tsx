import { X } from "lucide-react";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Button, Checkbox, columnsOf, IconButton, useToast, type Columns } from "@/ui";

/** What can be done with rows that were chosen. */
export interface BulkActions<Row> {
  /** Read out with the box of a row. */
  nameOf: (row: Row) => string;
  actions: (ids: string[], clear: () => void) => ReactNode;
  /** All that fit the filters can be chosen, not only those that are shown. */
  beyondPage?: boolean;
}

/** The rows that were chosen, over several pages too; another `scope` begins afresh. */
export function useSelection<Row extends object>(
  rows: Row[] | undefined,
  rowId: (row: Row) => string,
  bulk: BulkActions<Row> | undefined,
  scope: string,
) {
  const { t } = useTranslation("ui");
  const [ids, setIds] = useState<ReadonlySet<string>>(() => new Set());
  useEffect(() => setIds(new Set()), [scope]);

  const column = useMemo(() => {
    if (!bulk) return null;
    const page = (rows ?? []).map(rowId);
    const set = (some: string[], yes: boolean) =>
      setIds((now) => {
        const next = new Set(now);
        for (const id of some) {
          if (yes) next.add(id);
          else next.delete(id);
        }
        return next;
      });
    const chosen = page.filter((id) => ids.has(id)).length;
    return columnsOf<Row>().display({
      id: "chosen",
      meta: { className: "w-10 pr-0" },
      header: () => (
        <Checkbox
          hideLabel
          label={t("choose_page")}
          checked={chosen === 0 ? false : chosen === page.length ? true : "indeterminate"}
          onChange={(yes) => set(page, yes)}
        />
      ),
      cell: ({ row: { original } }) => (
        <Checkbox
          hideLabel
          label={t("choose_row", { name: bulk.nameOf(original) })}
          checked={ids.has(rowId(original))}
          onChange={(yes) => set([rowId(original)], yes)}
        />
      ),
    }) as Columns<Row>[number];
    // what a page hands in besides its rows does the same each time
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [rows, ids, t, bulk !== undefined]);

  const isWholePage = rows !== undefined && rows.length > 0 && rows.every((row) => ids.has(rowId(row)));
  const choose = (some: string[]) => setIds((now) => new Set([...now, ...some]));
  return { ids, column, isWholePage, choose, clear: () => setIds(new Set()) };
}

/** More than this is a matter for a segment. */
const MOST_CHOSEN = 50_000;

interface ChooseAllProps {
  total: number;
  totalIsMinimum: boolean;
  /** The ids behind a cursor, and the cursor behind them. */
  read: (cursor: string | null) => Promise<{ ids: string[]; next: string | null }>;
  onChosen: (ids: string[]) => void;
}

/** Chooses all that fit the filters: their ids are read page by page, however many there are. */
export function ChooseAll({ total, totalIsMinimum, read, onChosen }: ChooseAllProps) {
  const { t } = useTranslation("ui");
  const toast = useToast();
  const [done, setDone] = useState<number | null>(null);
  // another filter, or another page of the app, ends it
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => void (isHere.current = false);
  }, []);
  const run = async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    setDone(0);
    try {
      do {
        const part = await read(cursor);
        if (!isHere.current) return;
        ids.push(...part.ids);
        cursor = part.next;
        setDone(ids.length);
      } while (cursor && ids.length < MOST_CHOSEN);
      onChosen(ids.slice(0, MOST_CHOSEN));
      if (cursor || ids.length > MOST_CHOSEN) toast.error(t("choose_most", { count: MOST_CHOSEN }));
    } catch (error) {
      if (isHere.current) toast.error(t("load_failed"), { text: (error as Error).message });
    } finally {
      if (isHere.current) setDone(null);
    }
  };
  return (
    <Button size="sm" variant="ghost" loading={done !== null} onClick={() => void run()}>
      {done === null
        ? t(totalIsMinimum ? "choose_all_many" : "choose_all", { count: total })
        : t("choose_reading", { count: done })}
    </Button>
  );
}

interface SelectionBarProps {
  count: number;
  onClear: () => void;
  children: ReactNode;
}

export function SelectionBar({ count, onClear, children }: SelectionBarProps) {
  const { t } = useTranslation("ui");
  return (
    <div
      role="toolbar"
      aria-label={t("chosen_actions")}
      className="mb-3 flex flex-wrap items-center gap-2 rounded-xl bg-blue/12 px-3 py-2"
    >
      <p role="status" className="mr-1 font-medium text-blue tabular-nums">
        {t("chosen", { count })}
      </p>
      {children}
      <IconButton label={t("choose_none")} icon={<X />} size="sm" onClick={onClear} className="ml-auto" />
    </div>
  );
}
