import { Command } from "cmdk";
import { Check, ChevronDown, Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { cx } from "./cx";
import { useFieldControl } from "./field";
import { controlClasses } from "./input";
import { Popover, PopoverContent, PopoverTrigger } from "./popover";
import type { Option } from "./select";

interface ComboboxProps {
  value: string;
  onChange: (value: string) => void;
  options: readonly Option[];
  placeholder?: string;
  /** Where no field around it names it. */
  label?: string;
  disabled?: boolean;
  className?: string;
}

/** One of many: a list that is searched by typing. */
export function Combobox({ value, onChange, options, placeholder, label, disabled, className }: ComboboxProps) {
  const { t } = useTranslation("ui");
  const { readOnly, id, ...field } = useFieldControl();
  const [open, setOpen] = useState(false);
  const chosen = options.find((option) => option.value === value);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <button
          {...field}
          id={id}
          type="button"
          role="combobox"
          aria-expanded={open}
          aria-haspopup="listbox"
          aria-label={label}
          disabled={disabled || readOnly}
          className={cx(controlClasses, "flex h-9 items-center justify-between gap-2 text-left", className)}
        >
          <span
            className={cx("flex min-w-0 items-center gap-2 truncate [&_svg]:size-4", !chosen && !value && "text-faint")}
          >
            {chosen?.icon}
            {chosen?.label ?? (value || placeholder || t("choose"))}
          </span>
          <ChevronDown aria-hidden className="size-4 shrink-0 text-faint" />
        </button>
      </PopoverTrigger>
      <PopoverContent align="start" className="w-[max(var(--radix-popover-trigger-width),16rem)] p-0">
        <Command label={label ?? t("search")} className="flex max-h-80 flex-col">
          <div className="flex items-center gap-2 border-b border-line px-3">
            <Search aria-hidden className="size-4 shrink-0 text-faint" />
            <Command.Input placeholder={t("search")} className="h-10 w-full bg-transparent text-ink outline-none" />
          </div>
          <Command.List className="min-h-0 flex-1 overflow-y-auto p-1">
            <Command.Empty className="px-3 py-6 text-center text-muted">{t("nothing_matches")}</Command.Empty>
            {options.map((option) => (
              <Command.Item
                key={option.value}
                value={`${option.label} ${option.value}`}
                disabled={option.disabled ?? false}
                onSelect={() => {
                  onChange(option.value);
                  setOpen(false);
                }}
                className="flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2.5 py-1.5 aria-disabled:opacity-50 data-[selected=true]:bg-hover [&_svg]:size-4"
              >
                {option.icon}
                <span className="min-w-0 flex-1 truncate">{option.label}</span>
                {option.hint && <span className="text-xs text-faint">{option.hint}</span>}
                {option.value === value && <Check aria-hidden className="text-blue" />}
              </Command.Item>
            ))}
          </Command.List>
        </Command>
      </PopoverContent>
    </Popover>
  );
}
