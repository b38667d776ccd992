import { cx } from "./cx";

/** Where something will be. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx("block animate-pulse rounded-md bg-hover", className ?? "h-4 w-full")} />;
}
