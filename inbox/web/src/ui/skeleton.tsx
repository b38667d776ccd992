import type { ComponentProps } from "react";

import { cx } from "./cx";

/** Where something will be. */
export function Skeleton({ className, ...rest }: ComponentProps<"span">) {
  return (
    <span aria-hidden className={cx("block h-4 w-full animate-pulse rounded-md bg-raised", className)} {...rest} />
  );
}
