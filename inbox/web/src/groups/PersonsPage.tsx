import { Plus, UserRound } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done, page, type Schemas } from "@/api/client";
import { useChanged, useOpened } from "@/settings/common/hooks";
import { ListView } from "@/settings/common/list-page";
import { Opened } from "@/settings/common/opened";
import { PageHeader } from "@/settings/common/page";
import { RowMenu } from "@/settings/common/row-menu";
import { Ago } from "@/settings/common/time";
import { Badge, Button, columnsOf, EmptyState, useReadOnly, type FilterField } from "@/ui";
import { PersonForm } from "./PersonForm";

export type Person = Schemas["Many_PersonView"]["data"][number];
const column = columnsOf<Person>();

export function usePersonColumns() {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  return useMemo(
    () =>
      column.columns([
        column.accessor("name", {
          header: t("fields.name"),
          meta: { primary: true },
          cell: ({ getValue }) => <span className="font-medium">{getValue()}</span>,
        }),
        column.accessor("phone", {
          header: t("fields.phone"),
          cell: ({ getValue }) => <span className="whitespace-nowrap tabular-nums">{getValue() ?? "—"}</span>,
        }),
        column.accessor("email", { header: t("fields.email"), cell: ({ getValue }) => getValue() ?? "—" }),
        column.accessor("contact_id", {
          header: t("persons.linked"),
          enableSorting: false,
          cell: ({ getValue }) =>
            getValue() ? <Badge tone="blue">{t("persons.is_linked")}</Badge> : <span className="text-faint">—</span>,
        }),
        column.accessor("is_active", {
          header: t("fields.status"),
          enableSorting: false,
          cell: ({ getValue }) => (
            <Badge tone={getValue() ? "green" : "neutral"}>{settings(getValue() ? "active" : "inactive")}</Badge>
          ),
        }),
        column.accessor("created_at", { header: t("fields.created"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
      ]),
    [t, settings],
  );
}

export function PersonsPage() {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const changed = useChanged();
  const shared = usePersonColumns();
  const columns = useMemo(
    () => [
      ...shared,
      ...column.columns([
        column.display({
          id: "actions",
          header: () => <span className="sr-only">{settings("actions")}</span>,
          meta: { align: "end" },
          cell: ({ row: { original } }) => (
            <RowMenu
              name={original.name}
              onOpen={() => open(original.id)}
              onDelete={{
                title: t("persons.delete_title", { name: original.name }),
                text: t("persons.delete_text"),
                action: async () => {
                  await done(api.DELETE("/v1/persons/{id}", { params: { path: { id: original.id } } }));
                  await changed(["persons", "groups"], settings("deleted"));
                },
              }}
            />
          ),
        }),
      ]),
    ],
    [shared, t, settings, open, changed],
  );
  const filters = useMemo<FilterField[]>(
    () => [
      { name: "name", label: t("fields.name"), kind: "text" },
      { name: "phone", label: t("fields.phone"), kind: "text" },
      { name: "email", label: t("fields.email"), kind: "text" },
      { name: "properties", label: t("fields.property"), kind: "property" },
      { name: "is_active", label: settings("active"), kind: "boolean" },
      { name: "created_at", label: t("fields.created"), kind: "date" },
    ],
    [t, settings],
  );
  const add = !readOnly && (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t("persons.add")}
    </Button>
  );
  return (
    <>
      <PageHeader back={null} title={t("persons.title")} text={t("persons.text")} actions={add} />
      <ListView<Person>
        name="persons"
        label={t("persons.title")}
        columns={columns}
        rowId={(person) => person.id}
        searchField="name"
        filters={filters}
        sort={{ field: "name", desc: false }}
        limit={25}
        chooseColumns
        read={(query) => page(api.GET("/v1/persons", { params: { query } }))}
        onRowClick={({ id }) => open(id)}
        empty={
          <EmptyState icon={<UserRound />} title={t("persons.empty")} text={t("persons.empty_text")} action={add} />
        }
      />
      <Opened
        id={opened}
        kind="persons"
        title={t("persons.edit")}
        onClose={() => open(null)}
        read={(id) => data(api.GET("/v1/persons/{id}", { params: { path: { id } } }))}
      >
        {(person) => <PersonForm person={person} onClose={() => open(null)} />}
      </Opened>
    </>
  );
}
