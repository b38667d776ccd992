import type { ReactNode } from "react";

import { cx } from "./cx";

interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  text?: ReactNode;
  /** What one would do now. */
  action?: ReactNode;
  className?: string;
}

/** There is nothing here, why, and what to do about it. */
export function EmptyState({ icon, title, text, action, className }: EmptyStateProps) {
  return (
    <div className={cx("flex flex-col items-center justify-center gap-3 px-6 py-14 text-center", className)}>
      {icon && (
        <span
          aria-hidden
          className="flex size-12 items-center justify-center rounded-2xl bg-blue/12 text-blue [&_svg]:size-6"
        >
          {icon}
        </span>
      )}
      <p className="text-base font-semibold text-ink">{title}</p>
      {text && <p className="max-w-md text-pretty text-muted">{text}</p>}
      {action && <div className="mt-1 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}
