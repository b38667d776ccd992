import { X } from "lucide-react";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Checkbox, columnsOf, IconButton, type Columns } from "@/ui";

/** What can be done with rows that were chosen. */
export interface BulkActions<Row> {
  /** Read out with the box of a row. */
  nameOf: (row: Row) => string;
  actions: (ids: string[], clear: () => void) => ReactNode;
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

  return { ids, column, clear: () => setIds(new Set()) };
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
