import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { IconButton } from "./button";
import { cx } from "./cx";

const overlay = "fixed inset-0 z-50 animate-fade-in bg-overlay backdrop-blur-[2px]";

interface PanelProps {
  open: boolean;
  /** Called before it closes by Escape, the cross or a press outside; who does not set `open` keeps it open. */
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  /** Buttons at the lower edge; the first action of the dialog comes last. */
  footer?: ReactNode;
  className?: string;
}

function Heading({ title, description }: Pick<PanelProps, "title" | "description">) {
  const { t } = useTranslation("ui");
  return (
    <header className="flex items-start justify-between gap-4 px-5 pt-4 pb-3">
      <div className="min-w-0">
        <Radix.Title className="text-lg font-semibold text-balance text-ink">{title}</Radix.Title>
        {description && <Radix.Description className="mt-0.5 text-sm text-muted">{description}</Radix.Description>}
      </div>
      <Radix.Close asChild>
        <IconButton label={t("close")} icon={<X />} size="sm" tooltip={false} className="-mr-1.5" />
      </Radix.Close>
    </header>
  );
}

function Footer({ children }: { children: ReactNode }) {
  return (
    <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3">{children}</footer>
  );
}

/** A task in the middle of the page. */
export function Dialog({ open, onOpenChange, title, description, children, footer, className }: PanelProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed top-1/2 left-1/2 z-50 flex max-h-[min(92dvh,52rem)] w-[min(34rem,calc(100vw-1.5rem))] -translate-x-1/2 -translate-y-1/2 animate-pop-in flex-col overflow-hidden rounded-2xl border border-line bg-section shadow-pop",
            className,
          )}
        >
          <Heading title={title} description={description} />
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-5">{children}</div>
          {footer && <Footer>{footer}</Footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Details at the right edge, the list beside it still in sight; over all of a phone's screen. */
export function Sheet({ open, onOpenChange, title, description, children, footer, className }: PanelProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed inset-y-0 right-0 z-50 flex w-[min(32rem,100vw)] animate-slide-in flex-col border-l border-line bg-section shadow-pop",
            className,
          )}
        >
          <Heading title={title} description={description} />
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-6">{children}</div>
          {footer && <Footer>{footer}</Footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
