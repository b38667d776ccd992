import type { ReactNode } from "react";

import { cx } from "./cx";
import { dotTone, softTone, type Tone } from "./tone";

interface BadgeProps {
  tone?: Tone;
  icon?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A short fact beside something. */
export function Badge({ tone = "neutral", icon, children, className }: BadgeProps) {
  return (
    <span
      className={cx(
        "inline-flex h-5.5 max-w-full items-center gap-1 rounded-full px-2 text-xs font-medium whitespace-nowrap [&_svg]:size-3.5 [&_svg]:shrink-0",
        softTone[tone],
        className,
      )}
    >
      {icon}
      <span className="truncate">{children}</span>
    </span>
  );
}

/** A coloured dot; `label` is read out, so that the colour is not alone in saying it. */
export function Dot({ tone, label, className }: { tone: Tone; label?: string; className?: string }) {
  return (
    <span
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      className={cx("inline-block size-2 shrink-0 rounded-full", dotTone[tone], className)}
    />
  );
}
