import { createContext, use, useId, useMemo, type ReactNode } from "react";

import { cx } from "./cx";

interface FieldState {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
  required: boolean;
  readOnly: boolean;
}

const FieldContext = createContext<FieldState | null>(null);
const ReadOnlyContext = createContext(false);

/** Everything inside is shown and cannot be changed: for those who may look and not manage. */
export function ReadOnly({ value = true, children }: { value?: boolean; children: ReactNode }) {
  return <ReadOnlyContext value={value}>{children}</ReadOnlyContext>;
}

export const useReadOnly = () => use(ReadOnlyContext);

/** Controls that are named by themselves, several inside one field. */
export const OwnNames = ({ children }: { children: ReactNode }) => <FieldContext value={null}>{children}</FieldContext>;

/** The attributes that tie a control to the label, the hint and the error of the field around it. */
export function useFieldControl() {
  const field = use(FieldContext);
  const readOnly = use(ReadOnlyContext);
  return {
    id: field?.id,
    "aria-describedby": field?.describedBy,
    "aria-invalid": field?.invalid || undefined,
    "aria-required": field?.required || undefined,
    readOnly: readOnly || (field?.readOnly ?? false),
  };
}

interface FieldProps {
  label: ReactNode;
  /** What one should know before filling it in. */
  hint?: ReactNode;
  error?: string | undefined;
  required?: boolean;
  readOnly?: boolean;
  /** For a group of controls (radio buttons, a list): it is then named by `aria-labelledby`. */
  group?: boolean;
  /** Beside the label: a link, a counter. */
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A control with its label, its hint and its error, which screen readers read with it. */
export function Field({
  label,
  hint,
  error,
  required = false,
  readOnly = false,
  group = false,
  aside,
  children,
  className,
}: FieldProps) {
  const id = useId();
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const state = useMemo(
    () => ({ id, describedBy, invalid: Boolean(error), required, readOnly }),
    [id, describedBy, error, required, readOnly],
  );
  const caption = { className: "font-medium text-ink", "data-required": required || undefined };
  return (
    <FieldContext value={state}>
      <div
        role={group ? "group" : undefined}
        aria-labelledby={group ? `${id}-label` : undefined}
        aria-describedby={group ? describedBy : undefined}
        className={cx("flex min-w-0 flex-col gap-1.5", className)}
      >
        <div className="flex items-baseline justify-between gap-3">
          {group ? (
            <span id={`${id}-label`} {...caption}>
              {label}
            </span>
          ) : (
            <label id={`${id}-label`} htmlFor={id} {...caption}>
              {label}
            </label>
          )}
          {aside && <span className="text-xs text-faint">{aside}</span>}
        </div>
        {children}
        {hint && (
          <p id={`${id}-hint`} className="text-xs text-pretty text-faint">
            {hint}
          </p>
        )}
        <FieldError id={`${id}-error`} message={error} />
      </div>
    </FieldContext>
  );
}

/** Why a value was refused. */
export function FieldError({ id, message }: { id?: string; message: string | undefined }) {
  if (!message) return null;
  return (
    <p id={id} role="alert" className="text-xs font-medium text-red">
      {message}
    </p>
  );
}
