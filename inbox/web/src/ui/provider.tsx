import type { ReactNode } from "react";

import { ConfirmProvider } from "./confirm";
import { ToastProvider } from "./toast";
import { TooltipProvider } from "./tooltip";

/** What the components of this folder need around them. */
export function UiProvider({ children }: { children: ReactNode }) {
  return (
    <TooltipProvider delayDuration={350} skipDelayDuration={150}>
      <ToastProvider>
        <ConfirmProvider>{children}</ConfirmProvider>
      </ToastProvider>
    </TooltipProvider>
  );
}
