import { Check, Minus } from "lucide-react";
import { Checkbox as RadixCheckbox, RadioGroup as RadixRadio, Switch as RadixSwitch } from "radix-ui";
import { useId, type ReactNode } from "react";

import { cx } from "./cx";
import { useFieldControl, useReadOnly } from "./field";

interface CheckboxProps {
  checked: boolean | "indeterminate";
  onChange: (checked: boolean) => void;
  label: ReactNode;
  hint?: ReactNode;
  /** Only for screen readers, in tables. */
  hideLabel?: boolean;
  disabled?: boolean;
  className?: string;
}

export function Checkbox({ checked, onChange, label, hint, hideLabel, disabled, className }: CheckboxProps) {
  const id = useId();
  const readOnly = useReadOnly();
  return (
    <div className={cx("flex items-start gap-2.5", className)}>
      <RadixCheckbox.Root
        id={id}
        checked={checked}
        onCheckedChange={(next) => onChange(next === true)}
        disabled={disabled || readOnly}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-px flex size-4.5 shrink-0 items-center justify-center rounded border border-field bg-section disabled:opacity-50 data-[state=checked]:border-brand data-[state=checked]:bg-brand data-[state=indeterminate]:border-brand data-[state=indeterminate]:bg-brand"
      >
        <RadixCheckbox.Indicator className="text-on-brand">
          {checked === "indeterminate" ? (
            <Minus aria-hidden className="size-3.5" strokeWidth={3} />
          ) : (
            <Check aria-hidden className="size-3.5" strokeWidth={3} />
          )}
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <span className={hideLabel ? "sr-only" : "min-w-0"}>
        <label htmlFor={id} className="cursor-pointer text-ink">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-xs text-faint">
            {hint}
          </p>
        )}
      </span>
    </div>
  );
}

interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: ReactNode;
  hint?: ReactNode;
  hideLabel?: boolean;
  disabled?: boolean;
  className?: string;
}

/** On or off, at once. Inside a form that is saved later, a `Checkbox` says so better. */
export function Switch({ checked, onChange, label, hint, hideLabel, disabled, className }: SwitchProps) {
  const id = useId();
  const readOnly = useReadOnly();
  return (
    <div className={cx("flex items-start gap-3", className)}>
      <RadixSwitch.Root
        id={id}
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled || readOnly}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="relative mt-px h-5 w-9 shrink-0 rounded-full border border-field bg-hover transition-colors disabled:opacity-50 data-[state=checked]:border-brand data-[state=checked]:bg-brand"
      >
        <RadixSwitch.Thumb className="block size-3.5 translate-x-0.75 rounded-full bg-muted transition-transform data-[state=checked]:translate-x-4.5 data-[state=checked]:bg-on-brand" />
      </RadixSwitch.Root>
      <span className={hideLabel ? "sr-only" : "min-w-0"}>
        <label htmlFor={id} className="cursor-pointer font-medium text-ink">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-xs text-pretty text-faint">
            {hint}
          </p>
        )}
      </span>
    </div>
  );
}

interface RadioGroupProps<V extends string> {
  value: V | "";
  onChange: (value: V) => void;
  options: readonly { value: V; label: ReactNode; hint?: ReactNode; icon?: ReactNode; disabled?: boolean }[];
  /** Where no field around it names it. */
  label?: string;
  disabled?: boolean;
  /** `cards`: each choice is a card with its icon. */
  look?: "list" | "row" | "cards";
}

export function RadioGroup<V extends string>({
  value,
  onChange,
  options,
  label,
  disabled,
  look = "list",
}: RadioGroupProps<V>) {
  const { readOnly, id: fieldId, ...field } = useFieldControl();
  const id = useId();
  const layout = {
    list: "flex flex-col gap-2.5",
    row: "flex flex-wrap gap-x-5 gap-y-2",
    cards: "grid grid-cols-[repeat(auto-fill,minmax(min(100%,10.5rem),1fr))] gap-2.5",
  }[look];
  return (
    <RadixRadio.Root
      {...field}
      aria-label={label}
      aria-labelledby={!label && fieldId ? `${fieldId}-label` : undefined}
      value={value}
      onValueChange={(next) => onChange(next as V)}
      disabled={disabled || readOnly}
      className={layout}
    >
      {options.map((option) => {
        const optionId = `${id}-${option.value}`;
        const shared = {
          id: optionId,
          value: option.value,
          disabled: option.disabled ?? false,
          "aria-describedby": option.hint ? `${optionId}-hint` : undefined,
        };
        if (look === "cards") {
          return (
            <RadixRadio.Item
              key={option.value}
              {...shared}
              aria-labelledby={`${optionId}-label`}
              className="group flex flex-col items-start gap-1.5 rounded-xl border border-line bg-card p-3 text-left transition-colors hover:border-field hover:bg-hover disabled:opacity-50 data-[state=checked]:border-brand data-[state=checked]:bg-blue/12 data-[state=checked]:ring-1 data-[state=checked]:ring-brand"
            >
              {option.icon && <span className="text-blue [&_svg]:size-5">{option.icon}</span>}
              <span id={`${optionId}-label`} className="font-medium text-ink">
                {option.label}
              </span>
              {option.hint && (
                <span id={`${optionId}-hint`} className="text-xs text-muted">
                  {option.hint}
                </span>
              )}
            </RadixRadio.Item>
          );
        }
        return (
          <div key={option.value} className="flex items-start gap-2.5">
            <RadixRadio.Item
              {...shared}
              className="mt-px flex size-4.5 shrink-0 items-center justify-center rounded-full border border-field bg-section disabled:opacity-50 data-[state=checked]:border-brand"
            >
              <RadixRadio.Indicator className="size-2.5 rounded-full bg-brand" />
            </RadixRadio.Item>
            <span className="min-w-0">
              <label htmlFor={optionId} className="cursor-pointer text-ink">
                {option.label}
              </label>
              {option.hint && (
                <p id={`${optionId}-hint`} className="text-xs text-faint">
                  {option.hint}
                </p>
              )}
            </span>
          </div>
        );
      })}
    </RadixRadio.Root>
  );
}
