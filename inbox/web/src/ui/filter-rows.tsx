import { Plus, X } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button, IconButton } from "./button";
import { Checkbox } from "./choice";
import { OwnNames } from "./field";
import { Input } from "./input";
import type { Filter } from "./list-state";
import { Select, type Option } from "./select";

/** A field that a list can be narrowed by. */
export interface FilterField {
  name: string;
  label: string;
  /** `property`: a name of the account's own goes behind `name`; `since`: a time, said from today too. */
  kind: "text" | "select" | "member" | "boolean" | "number" | "date" | "since" | "tags" | "property";
  /** For `select` and `member`. */
  options?: readonly Option[];
}

/** The operators of each kind; the first is taken unless another is chosen. */
export const operators = {
  text: ["icontains", "eq", "contains"],
  select: ["eq", "in"],
  member: ["in", "not_in"],
  boolean: ["eq"],
  number: ["eq", "ge", "le"],
  date: ["ge", "le", "range"],
  since: ["ge_days", "le_days", "ge", "le", "is_null"],
  tags: ["contains"],
  property: ["icontains", "eq", "ne", "startswith", "is_not_null", "is_null"],
} as const satisfies Record<FilterField["kind"], readonly string[]>;

/** They ask for nothing more. */
const BARE = ["is_null", "is_not_null"];
const DAYS = /^now-(\d*)d$/;
const several = (op: string) => op === "in" || op === "not_in";

/** The operator as it is shown: a time that is said from today has names of its own. */
const shownOp = ({ op, value }: Filter): string => (DAYS.test(value) ? `${op}_days` : op);

/** The same condition with another operator; what was typed stays where it makes sense. */
export function withOperator(filter: Filter, op: string): Filter {
  if (BARE.includes(op)) return { ...filter, op, value: "true" };
  if (op.endsWith("_days")) {
    const value = DAYS.test(filter.value) ? filter.value : "now-30d";
    return { ...filter, op: op.slice(0, -"_days".length), value };
  }
  const isOther = op === "range" || filter.op === "range" || BARE.includes(filter.op) || DAYS.test(filter.value);
  return { ...filter, op, value: isOther ? "" : several(op) ? filter.value : (filter.value.split(",")[0] ?? "") };
}

export function freshFilter(field: FilterField): Filter {
  const name = field.kind === "property" ? `${field.name}.` : field.name;
  return withOperator({ field: name, op: "", value: field.kind === "boolean" ? "true" : "" }, operators[field.kind][0]);
}

/** Whether the hub would take it: a range needs both ends, a property its name. */
export function isComplete({ field, op, value }: Filter): boolean {
  if (field.endsWith(".") || value === "now-d") return false;
  const parts = value.split(",").map((part) => part.trim());
  if (op === "range") return parts.length === 2 && parts.every(Boolean);
  return parts.some(Boolean);
}

/** The field that a condition is about. */
export const fieldOf = (fields: readonly FilterField[], { field }: Filter): FilterField | undefined =>
  fields.find(({ name, kind }) => name === field || (kind === "property" && field.startsWith(`${name}.`)));

/** Milliseconds after the last letter. */
const TYPING = 350;

interface FilterRowsProps {
  fields: readonly FilterField[];
  rows: Filter[];
  /** `wait`: milliseconds in which more may be typed. */
  onChange: (rows: Filter[], wait?: number) => void;
  disabled?: boolean;
}

/** Rows of field, operator and value, with buttons to add and remove them. */
export function FilterRows({ fields, rows, onChange, disabled = false }: FilterRowsProps) {
  const { t } = useTranslation("ui");
  const first = fields[0];
  if (!first) return null;
  return (
    <OwnNames>
      <fieldset disabled={disabled} className="min-w-0">
        <div className="flex flex-col gap-3 sm:gap-2">
          {rows.map((row, index) => {
            const field = fieldOf(fields, row) ?? first;
            const replace = (next: Filter, wait = 0) =>
              onChange(
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
                  disabled={disabled}
                  options={fields.map(({ name, label }) => ({ value: name, label }))}
                  onChange={(name) => replace(freshFilter(fields.find((other) => other.name === name) ?? first))}
                />
                <Select
                  label={t("filter_operator")}
                  value={shownOp(row)}
                  disabled={disabled}
                  options={operators[field.kind].map((op) => ({ value: op, label: t(`operator.${named(field, op)}`) }))}
                  onChange={(op) => replace(withOperator(row, op))}
                />
                <div className="col-span-2 row-start-2 flex gap-2 sm:col-span-1 sm:row-start-auto">
                  {field.kind === "property" && (
                    <Input
                      aria-label={t("filter_property")}
                      placeholder={t("filter_property")}
                      value={row.field.slice(field.name.length + 1)}
                      onChange={(event) => replace({ ...row, field: `${field.name}.${event.target.value}` }, TYPING)}
                    />
                  )}
                  {!BARE.includes(row.op) && (
                    <FilterValue
                      field={field}
                      filter={row}
                      onChange={(value, wait) => replace({ ...row, value }, wait)}
                    />
                  )}
                </div>
                {!disabled && (
                  <IconButton
                    label={t("remove_filter")}
                    icon={<X />}
                    onClick={() => onChange(rows.filter((_, at) => at !== index))}
                    className="col-start-3 row-start-1 sm:col-start-auto sm:row-start-auto"
                  />
                )}
              </div>
            );
          })}
        </div>
        {!disabled && (
          <div className="mt-3 flex flex-wrap justify-between gap-2">
            <Button
              size="sm"
              variant="ghost"
              icon={<Plus aria-hidden className="size-4" />}
              // an empty row changes nothing yet
              onClick={() => onChange([...rows, freshFilter(first)])}
            >
              {t("add_filter")}
            </Button>
            <Button size="sm" variant="ghost" onClick={() => onChange([])} disabled={rows.length === 0}>
              {t("clear_all")}
            </Button>
          </div>
        )}
      </fieldset>
    </OwnNames>
  );
}

/** The name of an operator differs by what is compared. */
function named(field: FilterField, op: string): string {
  if (field.kind === "tags") return "has";
  const isTime = field.kind === "date" || field.kind === "since";
  if (isTime && op === "is_null") return "never";
  if (field.kind === "member") return `member_${op}`;
  return isTime ? `date_${op}` : op;
}

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
  if (several(filter.op) && field.options) {
    const chosen = filter.value.split(",").filter(Boolean);
    return (
      <div role="group" aria-label={label} className="flex flex-wrap gap-x-4 gap-y-2 py-2">
        {field.options.map((option) => (
          <Checkbox
            key={option.value}
            label={option.label}
            checked={chosen.includes(option.value)}
            onChange={(yes) =>
              onChange((yes ? [...chosen, option.value] : chosen.filter((one) => one !== option.value)).join(","))
            }
          />
        ))}
        {field.options.length === 0 && <span className="text-faint">{t("no_options")}</span>}
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
  const days = DAYS.exec(filter.value);
  if (days) {
    return (
      <span className="flex items-center gap-2">
        <Input
          type="number"
          min={0}
          aria-label={t("filter_days")}
          className="w-24"
          value={days[1]}
          onChange={(event) => onChange(`now-${event.target.value.replace(/\D/g, "")}d`, TYPING)}
        />
        {t("days")}
      </span>
    );
  }
  const type = field.kind === "number" ? "number" : field.kind === "date" || field.kind === "since" ? "date" : "text";
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
      onChange={(event) => onChange(event.target.value, type === "date" ? 0 : TYPING)}
    />
  );
}
