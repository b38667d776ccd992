import { Tooltip as Radix } from "radix-ui";
import type { ReactElement } from "react";

import { Kbd } from "./kbd";

/** Mounted once around the application. */
export const TooltipProvider = Radix.Provider;

interface TooltipProps {
  text: string;
  shortcut?: string;
  side?: "top" | "right" | "bottom" | "left";
  children: ReactElement;
}

/** A word about what the pointer or the focus is on. Never the only place of what one must know. */
export function Tooltip({ text, shortcut, side = "top", children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-60 flex max-w-72 animate-fade-in items-center gap-2 rounded-md border border-line bg-hover px-2.5 py-1.5 text-xs text-ink shadow-pop"
        >
          {text}
          {shortcut && <Kbd>{shortcut}</Kbd>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
