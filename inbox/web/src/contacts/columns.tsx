import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { Ago } from "@/settings/common/time";
import { Avatar, Badge, columnsOf } from "@/ui";
import { shownName, type Contact } from "./data";

const column = columnsOf<Contact>();

export function useContactColumns() {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  return useMemo(
    () =>
      column.columns([
        column.accessor("name", {
          header: t("fields.name"),
          meta: { primary: true },
          cell: ({ row: { original } }) => (
            <span className="inline-flex min-w-0 items-center gap-2.5 whitespace-nowrap">
              <Avatar name={shownName(original)} size="sm" />
              {shownName(original)}
            </span>
          ),
        }),
        column.accessor("phone", {
          header: t("fields.phone"),
          cell: ({ getValue }) => <span className="whitespace-nowrap tabular-nums">{getValue() ?? "—"}</span>,
        }),
        column.accessor("email", { header: t("fields.email"), cell: ({ getValue }) => getValue() ?? "—" }),
        column.accessor("tags", {
          header: t("fields.tags"),
          enableSorting: false,
          cell: ({ getValue }) => <Tags tags={getValue()} />,
        }),
        column.accessor("preferred_channel_type", {
          header: t("fields.preferred_channel"),
          enableSorting: false,
          meta: { hidden: true },
          cell: ({ getValue }) => (getValue() ? settings(`channel_types.${getValue()}`) : "—"),
        }),
        column.accessor("preferred_language", {
          header: t("fields.language"),
          enableSorting: false,
          meta: { hidden: true },
          cell: ({ getValue }) => getValue() ?? "—",
        }),
        column.accessor("is_active", {
          header: t("fields.status"),
          enableSorting: false,
          meta: { hidden: true },
          cell: ({ getValue }) => (
            <Badge tone={getValue() ? "green" : "neutral"}>{settings(getValue() ? "active" : "inactive")}</Badge>
          ),
        }),
        column.accessor("properties", {
          header: t("properties.title"),
          enableSorting: false,
          meta: { hidden: true },
          cell: ({ getValue }) => (
            <span className="block max-w-64 truncate text-muted">
              {Object.entries(getValue())
                .map(([name, value]) => `${name}: ${String(value)}`)
                .join(" · ") || "—"}
            </span>
          ),
        }),
        column.accessor("created_at", { header: t("fields.created"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
        column.accessor("updated_at", {
          header: t("fields.updated"),
          meta: { hidden: true },
          cell: ({ getValue }) => <Ago at={getValue()} />,
        }),
      ]),
    [t, settings],
  );
}

function Tags({ tags }: { tags: string[] }) {
  if (tags.length === 0) return <span className="text-faint">—</span>;
  return (
    <span className="flex items-center gap-1">
      {tags.slice(0, 3).map((tag) => (
        <Badge key={tag} className="max-w-32">
          {tag}
        </Badge>
      ))}
      {tags.length > 3 && <span className="text-xs text-faint">+{tags.length - 3}</span>}
    </span>
  );
}
