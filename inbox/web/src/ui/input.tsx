import type { ComponentProps, ReactNode } from "react";

import { cx } from "./cx";
import { useFieldControl } from "./field";

/** The looks of everything that takes text. */
export const controlClasses =
  "w-full min-w-0 rounded-lg border border-field bg-section px-3 text-ink transition-colors " +
  "hover:border-muted focus-visible:border-brand focus-visible:outline-1 focus-visible:outline-offset-0 " +
  "aria-invalid:border-red disabled:cursor-not-allowed disabled:opacity-60";

/** Of what is shown and cannot be changed. Only for inputs: everything else counts as `:read-only` too. */
const readOnlyClasses = "read-only:border-line read-only:bg-transparent read-only:text-muted";

interface InputProps extends ComponentProps<"input"> {
  /** Stands inside, before the text. */
  before?: ReactNode;
  after?: ReactNode;
}

export function Input({ before, after, className, ...rest }: InputProps) {
  const field = useFieldControl();
  const input = (
    <input
      autoComplete="off"
      {...field}
      {...rest}
      readOnly={field.readOnly || rest.readOnly}
      className={cx(controlClasses, readOnlyClasses, "h-9", before && "pl-9", after && "pr-10", className)}
    />
  );
  if (!before && !after) return input;
  return (
    <span className="relative block w-full">
      {before && (
        <span className="pointer-events-none absolute inset-y-0 left-3 flex items-center text-faint [&_svg]:size-4">
          {before}
        </span>
      )}
      {input}
      {after && <span className="absolute inset-y-0 right-0.5 flex items-center">{after}</span>}
    </span>
  );
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  const field = useFieldControl();
  return (
    <textarea
      rows={4}
      {...field}
      {...rest}
      readOnly={field.readOnly || rest.readOnly}
      className={cx(controlClasses, readOnlyClasses, "min-h-20 py-2 leading-relaxed", className)}
    />
  );
}
