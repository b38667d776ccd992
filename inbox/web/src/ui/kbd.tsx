import type { ReactNode } from "react";

/** A key, as it is labelled on a keyboard. */
export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded border border-line bg-hover px-1 font-sans text-[0.6875rem] font-medium text-muted">
      {children}
    </kbd>
  );
}
