import { Tabs as Radix } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";

import { cx } from "./cx";

export const Tabs = Radix.Root;

export function TabList({ label, className, ...rest }: ComponentProps<typeof Radix.List> & { label: string }) {
  return (
    <Radix.List
      aria-label={label}
      className={cx("flex gap-1 overflow-x-auto border-b border-line", className)}
      {...rest}
    />
  );
}

export function Tab({ value, children }: { value: string; children: ReactNode }) {
  return (
    <Radix.Trigger
      value={value}
      className="-mb-px inline-flex h-10 items-center gap-2 border-b-2 border-transparent px-3 font-medium whitespace-nowrap text-muted hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-brand data-[state=active]:text-ink"
    >
      {children}
    </Radix.Trigger>
  );
}

export function TabPanel({ className, ...rest }: ComponentProps<typeof Radix.Content>) {
  return <Radix.Content className={cx("pt-5", className)} {...rest} />;
}
