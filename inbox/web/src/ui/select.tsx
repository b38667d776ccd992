import { Check, ChevronDown } from "lucide-react";
import { Select as Radix } from "radix-ui";
import type { ReactNode } from "react";

import { cx } from "./cx";
import { useFieldControl } from "./field";
import { controlClasses } from "./input";

export interface Option<V extends string = string> {
  value: V;
  label: string;
  icon?: ReactNode;
  hint?: string;
  disabled?: boolean;
}

interface SelectProps<V extends string> {
  /** An empty string shows the placeholder. */
  value: V | "";
  onChange: (value: V) => void;
  options: readonly Option<V>[];
  placeholder?: string;
  disabled?: boolean;
  /** Where no field around it names it. */
  label?: string;
  onBlur?: () => void;
  size?: "sm" | "md";
  className?: string;
}

/** One of a few. Radix gives no item the empty value; callers name "none" themselves. */
export function Select<V extends string>({
  value,
  onChange,
  options,
  placeholder,
  disabled,
  label,
  onBlur,
  size = "md",
  className,
}: SelectProps<V>) {
  const { readOnly, ...field } = useFieldControl();
  return (
    <Radix.Root value={value} onValueChange={(next) => onChange(next as V)} disabled={disabled || readOnly}>
      <Radix.Trigger
        {...field}
        aria-label={label}
        onBlur={onBlur}
        className={cx(
          controlClasses,
          "flex items-center justify-between gap-2 text-left data-[placeholder]:text-faint",
          size === "sm" ? "h-8 text-[0.8125rem]" : "h-9",
          className,
        )}
      >
        <span className="flex min-w-0 items-center [&>span]:min-w-0">
          <Radix.Value placeholder={placeholder} />
        </span>
        <Radix.Icon>
          <ChevronDown aria-hidden className="size-4 shrink-0 text-faint" />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="z-60 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) animate-fade-in overflow-hidden rounded-lg border border-line bg-card shadow-pop"
        >
          <Radix.Viewport className="p-1">
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={option.value}
                disabled={option.disabled ?? false}
                className="flex min-h-8 cursor-pointer items-center gap-2 rounded-md py-1.5 pr-8 pl-2.5 text-ink outline-none select-none data-[disabled]:opacity-50 data-[highlighted]:bg-hover data-[state=checked]:font-medium"
              >
                <Radix.ItemText>
                  <span className="flex min-w-0 items-center gap-2 [&>svg]:size-4 [&>svg]:shrink-0">
                    {option.icon}
                    <span className="truncate">{option.label}</span>
                  </span>
                </Radix.ItemText>
                {option.hint && <span className="text-xs text-faint">{option.hint}</span>}
                <Radix.ItemIndicator className="absolute right-2.5">
                  <Check aria-hidden className="size-4 text-blue" />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
