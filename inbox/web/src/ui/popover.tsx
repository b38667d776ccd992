import { Popover as Radix } from "radix-ui";
import type { ComponentProps } from "react";

import { cx } from "./cx";

export const Popover = Radix.Root;
export const PopoverTrigger = Radix.Trigger;
export const PopoverAnchor = Radix.Anchor;
export const PopoverClose = Radix.Close;

export function PopoverContent({ className, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        sideOffset={6}
        collisionPadding={8}
        className={cx(
          "z-60 max-h-(--radix-popover-content-available-height) max-w-[calc(100vw-1rem)] animate-fade-in overflow-y-auto rounded-xl border border-line bg-card p-3 shadow-pop",
          className,
        )}
        {...rest}
      />
    </Radix.Portal>
  );
}
