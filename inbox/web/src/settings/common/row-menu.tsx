import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { IconButton, Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger, useConfirm, useReadOnly } from "@/ui";

interface RowMenuProps {
  /** Read out: whose menu it is. */
  name: string;
  onOpen?: () => void;
  /** Further items before the last. */
  children?: ReactNode;
  onDelete?: { title: string; text: ReactNode; action: () => Promise<void>; label?: string };
}

/** What can be done with a row. Deleting asks first. */
export function RowMenu({ name, onOpen, children, onDelete }: RowMenuProps) {
  const { t } = useTranslation("settings");
  const confirm = useConfirm();
  const readOnly = useReadOnly();
  return (
    <Menu>
      <MenuTrigger asChild>
        <IconButton size="sm" label={t("actions_for", { name })} icon={<Ellipsis />} tooltip={false} />
      </MenuTrigger>
      <MenuContent>
        {onOpen && (
          <MenuItem icon={<Pencil aria-hidden />} onSelect={onOpen}>
            {readOnly ? t("view") : t("edit")}
          </MenuItem>
        )}
        {!readOnly && children}
        {!readOnly && onDelete && (
          <>
            {(onOpen || children) && <MenuSeparator />}
            <MenuItem
              danger
              icon={<Trash2 aria-hidden />}
              onSelect={() =>
                void confirm({
                  title: onDelete.title,
                  text: onDelete.text,
                  confirm: onDelete.label ?? t("delete"),
                  danger: true,
                  action: onDelete.action,
                })
              }
            >
              {onDelete.label ?? t("delete")}
            </MenuItem>
          </>
        )}
      </MenuContent>
    </Menu>
  );
}
