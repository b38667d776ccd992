import { Columns3 } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { Button, Menu, MenuCheckbox, MenuContent, MenuLabel, MenuTrigger, type Columns } from "@/ui";

interface Named {
  id: string;
  label: string;
  isShown: boolean;
}

interface Choice<Row extends object> {
  columns: Columns<Row>;
  named: Named[];
  toggle: (id: string) => void;
}

const key = (name: string) => `turumba.columns.${name}`;

/** What was changed of the usual columns, on this device. */
function kept(name: string): Record<string, boolean> {
  try {
    return JSON.parse(localStorage.getItem(key(name)) ?? "{}") as Record<string, boolean>;
  } catch {
    return {};
  }
}

/** Which columns of a list are shown. Those without a written name, and the one that opens a row, always are. */
export function useColumns<Row extends object>(name: string, columns: Columns<Row>): Choice<Row> {
  const [changed, setChanged] = useState(() => kept(name));
  return useMemo(() => {
    const all = columns.map((column) => {
      const id = column.id ?? ("accessorKey" in column ? String(column.accessorKey) : "");
      const { meta, header } = column;
      const label = typeof header === "string" && !meta?.primary ? header : null;
      return { column, id, label, isShown: label === null || (changed[id] ?? !meta?.hidden) };
    });
    return {
      columns: all.filter(({ isShown }) => isShown).map(({ column }) => column),
      named: all.flatMap(({ id, label, isShown }) => (label === null ? [] : [{ id, label, isShown }])),
      toggle(id) {
        const now = all.find((one) => one.id === id)?.isShown ?? true;
        const next = { ...changed, [id]: !now };
        localStorage.setItem(key(name), JSON.stringify(next));
        setChanged(next);
      },
    };
  }, [name, columns, changed]);
}

export function ColumnChoice<Row extends object>({ choice }: { choice: Choice<Row> }) {
  const { t } = useTranslation("ui");
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button icon={<Columns3 aria-hidden className="size-4" />}>{t("columns")}</Button>
      </MenuTrigger>
      <MenuContent>
        <MenuLabel>{t("columns_shown")}</MenuLabel>
        {choice.named.map(({ id, label, isShown }) => (
          <MenuCheckbox
            key={id}
            checked={isShown}
            onCheckedChange={() => choice.toggle(id)}
            // several are chosen one after the other
            onSelect={(event) => event.preventDefault()}
          >
            {label}
          </MenuCheckbox>
        ))}
      </MenuContent>
    </Menu>
  );
}
