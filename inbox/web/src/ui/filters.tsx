import { ListFilter } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "./button";
import { FilterRows, freshFilter, isComplete, type FilterField } from "./filter-rows";
import { formatFilter, type Filter } from "./list-state";
import { Popover, PopoverContent, PopoverTrigger } from "./popover";

interface FilterBuilderProps {
  fields: readonly FilterField[];
  filters: Filter[];
  onChange: (filters: Filter[]) => void;
}

/** The conditions of a list, behind a button. Complete rows take effect as they are typed; the rest waits. */
export function FilterBuilder({ fields, filters, onChange }: FilterBuilderProps) {
  const { t } = useTranslation("ui");
  const [rows, setRows] = useState<Filter[]>(filters);
  const [open, setOpen] = useState(false);
  const timer = useRef(0);
  const applied = filters.map(formatFilter).join("\n");

  // the address may change by back, forward or a link: then it decides
  useEffect(() => setRows(filters), [applied]); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => () => clearTimeout(timer.current), []);

  const change = (next: Filter[], wait = 0) => {
    setRows(next);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      const complete = next.filter(isComplete);
      if (complete.map(formatFilter).join("\n") !== applied) onChange(complete);
    }, wait);
  };
  const first = fields[0];
  if (!first) return null;

  return (
    <Popover
      open={open}
      onOpenChange={(next) => {
        if (next && rows.length === 0) setRows([freshFilter(first)]);
        setOpen(next);
      }}
    >
      <PopoverTrigger asChild>
        <Button icon={<ListFilter aria-hidden className="size-4" />}>
          {filters.length ? t("filters_count", { count: filters.length }) : t("filters")}
        </Button>
      </PopoverTrigger>
      <PopoverContent align="end" className="w-[min(40rem,calc(100vw-1rem))]" aria-label={t("filters")}>
        <FilterRows fields={fields} rows={rows} onChange={change} />
      </PopoverContent>
    </Popover>
  );
}
