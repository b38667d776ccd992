import { ListFilter, Plus, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { Button, IconButton } from "./button";
import { Checkbox } from "./choice";
import { Input } from "./input";
import { formatFilter, type Filter } from "./list-state";
import { Popover, PopoverContent, PopoverTrigger } from "./popover";
import { Select, type Option } from "./select";

/** A field that a list can be narrowed by. */
export interface FilterField {
  name: string;
  label: string;
  kind: "text" | "select" | "boolean" | "number" | "date";
  /** For `select`. */
  options?: readonly Option[];
}

/** The operators of each kind; the first is taken unless another is chosen. */
export const operators = {
  text: ["icontains", "eq", "contains"],
  select: ["eq", "in"],
  boolean: ["eq"],
  number: ["eq", "ge", "le"],
  date: ["ge", "le", "range"],
} as const satisfies Record<FilterField["kind"], readonly string[]>;

const fresh = (field: FilterField): Filter => ({
  field: field.name,
  op: operators[field.kind][0],
  value: field.kind === "boolean" ? "true" : "",
});

/** Whether the hub would take it: a range needs both ends. */
export function isComplete({ op, value }: Filter): boolean {
  const parts = value.split(",").map((part) => part.trim());
  if (op === "range") return parts.length === 2 && parts.every(Boolean);
  return parts.some(Boolean);
}

interface FilterBuilderProps {
  fields: readonly FilterField[];
  filters: Filter[];
  onChange: (filters: Filter[]) => void;
}

/** Rows of field, operator and value. Complete rows take effect as they are typed; the rest waits. */
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
        if (next && rows.length === 0) setRows([fresh(first)]);
        setOpen(next);
      }}
    >
      <PopoverTrigger asChild>
        <Button icon={<ListFilter aria-hidden className="size-4" />}>
          {filters.length ? t("filters_count", { count: filters.length }) : t("filters")}
        </Button>
      </PopoverTrigger>
      <PopoverContent align="end" className="w-[min(40rem,calc(100vw-1rem))]" aria-label={t("filters")}>
        <div className="flex flex-col gap-2">
          {rows.map((row, index) => {
            const field = fields.find(({ name }) => name === row.field) ?? first;
            const replace = (next: Filter, wait = 0) =>
              change(
                rows.map((other, at) => (at === index ? next : other)),
                wait,
              );
            return (
              <div
                key={index}
                className="grid grid-cols-[1fr_1fr_auto] items-start gap-2 sm:grid-cols-[10rem_9rem_1fr_auto]"
              >
                <Select
                  label={t("filter_field")}
                  value={field.name}
                  options={fields.map(({ name, label }) => ({ value: name, label }))}
                  onChange={(name) => replace(fresh(fields.find((other) => other.name === name) ?? first))}
                />
                <Select
                  label={t("filter_operator")}
                  value={row.op}
                  options={operators[field.kind].map((op) => ({
                    value: op,
                    label: t(`operator.${field.kind === "date" ? "date_" : ""}${op}`),
                  }))}
                  onChange={(op) =>
                    replace({ ...row, op, value: op === "range" || row.op === "range" ? "" : row.value })
                  }
                />
                <div className="col-span-2 row-start-2 sm:col-span-1 sm:row-start-auto">
                  <FilterValue
                    field={field}
                    filter={row}
                    onChange={(value, wait) => replace({ ...row, value }, wait)}
                  />
                </div>
                <IconButton
                  label={t("remove_filter")}
                  icon={<X />}
                  onClick={() => change(rows.filter((_, at) => at !== index))}
                  className="col-start-3 row-start-1 sm:col-start-auto sm:row-start-auto"
                />
              </div>
            );
          })}
        </div>
        <div className="mt-3 flex flex-wrap justify-between gap-2">
          <Button
            size="sm"
            variant="ghost"
            icon={<Plus aria-hidden className="size-4" />}
            onClick={() => setRows([...rows, fresh(first)])}
          >
            {t("add_filter")}
          </Button>
          <Button size="sm" variant="ghost" onClick={() => change([])} disabled={rows.length === 0}>
            {t("clear_all")}
          </Button>
        </div>
      </PopoverContent>
    </Popover>
  );
}

/** Milliseconds after the last letter. */
const TYPING = 350;

interface FilterValueProps {
  field: FilterField;
  filter: Filter;
  onChange: (value: string, wait?: number) => void;
}

function FilterValue({ field, filter, onChange }: FilterValueProps) {
  const { t } = useTranslation("ui");
  const label = t("filter_value");
  if (field.kind === "boolean") {
    const options = [
      { value: "true", label: t("yes") },
      { value: "false", label: t("no") },
    ];
    return <Select label={label} value={filter.value} options={options} onChange={(value) => onChange(value)} />;
  }
  if (field.kind === "select" && filter.op === "in") {
    const chosen = filter.value.split(",").filter(Boolean);
    return (
      <div role="group" aria-label={label} className="flex flex-wrap gap-x-4 gap-y-2 py-2">
        {field.options?.map((option) => (
          <Checkbox
            key={option.value}
            label={option.label}
            checked={chosen.includes(option.value)}
            onChange={(yes) =>
              onChange((yes ? [...chosen, option.value] : chosen.filter((one) => one !== option.value)).join(","))
            }
          />
        ))}
      </div>
    );
  }
  if (field.kind === "select") {
    return (
      <Select
        label={label}
        value={filter.value}
        placeholder={t("choose")}
        options={field.options ?? []}
        onChange={(value) => onChange(value)}
      />
    );
  }
  const type = { text: "text", number: "number", date: "date" }[field.kind];
  if (filter.op === "range") {
    const [from = "", to = ""] = filter.value.split(",");
    return (
      <div className="flex items-center gap-1.5">
        <Input type={type} aria-label={t("from")} value={from} onChange={(e) => onChange(`${e.target.value},${to}`)} />
        <span aria-hidden>–</span>
        <Input type={type} aria-label={t("to")} value={to} onChange={(e) => onChange(`${from},${e.target.value}`)} />
      </div>
    );
  }
  return (
    <Input
      type={type}
      aria-label={label}
      value={filter.value}
      onChange={(event) => onChange(event.target.value, field.kind === "date" ? 0 : TYPING)}
    />
  );
}
