import { useNavigate } from "@tanstack/react-router";
import { Plus, Users } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done, page } from "@/api/client";
import type { Group } from "@/api/lookups";
import { useChanged, useOpened } from "@/settings/common/hooks";
import { ListView } from "@/settings/common/list-page";
import { Opened } from "@/settings/common/opened";
import { PageHeader } from "@/settings/common/page";
import { RowMenu } from "@/settings/common/row-menu";
import { Ago } from "@/settings/common/time";
import { Button, columnsOf, EmptyState, useReadOnly, type FilterField } from "@/ui";
import { GroupForm } from "./GroupForm";

const column = columnsOf<Group>();

export const readGroup = (id: string) => data(api.GET("/v1/groups/{id}", { params: { path: { id } } }));

export function GroupsPage() {
  const { t, i18n } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const navigate = useNavigate();
  const changed = useChanged();
  const columns = useMemo(() => {
    const number = new Intl.NumberFormat(i18n.language);
    return column.columns([
      column.accessor("name", { header: t("fields.name"), meta: { primary: true } }),
      column.accessor("description", {
        header: settings("fields.description"),
        enableSorting: false,
        cell: ({ getValue }) => <span className="block max-w-80 truncate text-muted">{getValue() ?? "—"}</span>,
      }),
      column.accessor("member_count", {
        header: t("groups.members"),
        meta: { align: "end" },
        cell: ({ getValue }) => <span className="tabular-nums">{number.format(getValue())}</span>,
      }),
      column.accessor("contact_count", {
        header: t("contacts.title"),
        enableSorting: false,
        meta: { align: "end", hidden: true },
        cell: ({ getValue }) => <span className="tabular-nums">{number.format(getValue())}</span>,
      }),
      column.accessor("person_count", {
        header: t("persons.title"),
        enableSorting: false,
        meta: { align: "end", hidden: true },
        cell: ({ getValue }) => <span className="tabular-nums">{number.format(getValue())}</span>,
      }),
      column.accessor("created_at", { header: t("fields.created"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
      column.display({
        id: "actions",
        header: () => <span className="sr-only">{settings("actions")}</span>,
        meta: { align: "end" },
        cell: ({ row: { original } }) => (
          <RowMenu
            name={original.name}
            onOpen={() => open(original.id)}
            onDelete={{
              title: t("groups.delete_title", { name: original.name }),
              text: t("groups.delete_text"),
              action: async () => {
                await done(api.DELETE("/v1/groups/{id}", { params: { path: { id: original.id } } }));
                await changed(["groups"], settings("deleted"));
              },
            }}
          />
        ),
      }),
    ]);
  }, [t, settings, i18n.language, open, changed]);
  const filters = useMemo<FilterField[]>(
    () => [
      { name: "name", label: t("fields.name"), kind: "text" },
      { name: "member_count", label: t("groups.members"), kind: "number" },
      { name: "created_at", label: t("fields.created"), kind: "date" },
    ],
    [t],
  );
  const add = !readOnly && (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t("groups.add")}
    </Button>
  );
  return (
    <>
      <PageHeader back={null} title={t("groups.title")} text={t("groups.text")} actions={add} />
      <ListView<Group>
        name="groups"
        label={t("groups.title")}
        columns={columns}
        rowId={(group) => group.id}
        searchField="name"
        filters={filters}
        sort={{ field: "name", desc: false }}
        chooseColumns
        read={(query) => page(api.GET("/v1/groups", { params: { query } }))}
        onRowClick={({ id }) => void navigate({ to: "/groups/$groupId", params: { groupId: id } })}
        empty={<EmptyState icon={<Users />} title={t("groups.empty")} text={t("groups.empty_text")} action={add} />}
      />
      <Opened id={opened} kind="groups" title={t("groups.edit")} small onClose={() => open(null)} read={readGroup}>
        {(group) => (
          <GroupForm
            group={group}
            onClose={() => open(null)}
            onMade={({ id }) => void navigate({ to: "/groups/$groupId", params: { groupId: id } })}
          />
        )}
      </Opened>
    </>
  );
}
