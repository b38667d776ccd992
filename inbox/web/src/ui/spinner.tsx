import { LoaderCircle } from "lucide-react";

import { cx } from "./cx";

/** Something is under way. With a `label` it says so to screen readers; without, its surroundings must. */
export function Spinner({ label, className }: { label?: string; className?: string }) {
  return (
    <span role={label ? "status" : undefined} className={cx("inline-flex", className)}>
      <LoaderCircle aria-hidden className="size-[1.15em] animate-spin" />
      {label && <span className="sr-only">{label}</span>}
    </span>
  );
}
