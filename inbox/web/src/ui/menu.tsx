import { Check, ChevronRight } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";

import { cx } from "./cx";
import { Kbd } from "./kbd";

/** A menu below a button: `<Menu><MenuTrigger asChild>…</MenuTrigger><MenuContent>…</MenuContent></Menu>`. */
export const Menu = Radix.Root;
export const MenuTrigger = Radix.Trigger;
export const MenuRadioGroup = Radix.RadioGroup;
export const MenuSub = Radix.Sub;

const surface =
  "z-60 max-h-(--radix-dropdown-menu-content-available-height) min-w-48 animate-fade-in overflow-y-auto " +
  "rounded-lg border border-line bg-card p-1 shadow-pop";

const row =
  "relative flex min-h-8 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1.5 text-ink outline-none " +
  "select-none data-[disabled]:cursor-not-allowed data-[disabled]:opacity-50 data-[highlighted]:bg-hover " +
  "[&_svg]:size-4 [&_svg]:shrink-0";

export function MenuContent({ className, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content sideOffset={4} collisionPadding={8} align="end" className={cx(surface, className)} {...rest} />
    </Radix.Portal>
  );
}

interface MenuItemProps extends ComponentProps<typeof Radix.Item> {
  icon?: ReactNode;
  danger?: boolean;
  shortcut?: string;
}

export function MenuItem({ icon, danger, shortcut, className, children, ...rest }: MenuItemProps) {
  return (
    <Radix.Item className={cx(row, danger && "text-red", className)} {...rest}>
      {icon && <span className={cx("flex", !danger && "text-muted")}>{icon}</span>}
      <span className="flex-1">{children}</span>
      {shortcut && <Kbd>{shortcut}</Kbd>}
    </Radix.Item>
  );
}

export function MenuCheckbox({ className, children, ...rest }: ComponentProps<typeof Radix.CheckboxItem>) {
  return (
    <Radix.CheckboxItem className={cx(row, "pr-8", className)} {...rest}>
      <span className="flex-1">{children}</span>
      <Radix.ItemIndicator className="absolute right-2.5">
        <Check aria-hidden className="text-blue" />
      </Radix.ItemIndicator>
    </Radix.CheckboxItem>
  );
}

export function MenuRadio({ className, children, ...rest }: ComponentProps<typeof Radix.RadioItem>) {
  return (
    <Radix.RadioItem className={cx(row, "pr-8", className)} {...rest}>
      <span className="flex flex-1 items-center gap-2.5">{children}</span>
      <Radix.ItemIndicator className="absolute right-2.5">
        <Check aria-hidden className="text-blue" />
      </Radix.ItemIndicator>
    </Radix.RadioItem>
  );
}

export function MenuSubTrigger({
  icon,
  className,
  children,
  ...rest
}: ComponentProps<typeof Radix.SubTrigger> & { icon?: ReactNode }) {
  return (
    <Radix.SubTrigger className={cx(row, "data-[state=open]:bg-hover", className)} {...rest}>
      {icon && <span className="flex text-muted">{icon}</span>}
      <span className="flex-1">{children}</span>
      <ChevronRight aria-hidden className="text-faint" />
    </Radix.SubTrigger>
  );
}

export function MenuSubContent({ className, ...rest }: ComponentProps<typeof Radix.SubContent>) {
  return (
    <Radix.Portal>
      <Radix.SubContent sideOffset={4} collisionPadding={8} className={cx(surface, className)} {...rest} />
    </Radix.Portal>
  );
}

export function MenuLabel({ className, ...rest }: ComponentProps<typeof Radix.Label>) {
  return <Radix.Label className={cx("px-2.5 py-1.5 text-xs font-medium text-faint", className)} {...rest} />;
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}
