import { MessageSquareText, Plus } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done, page, type Schemas } from "@/api/client";
import { Badge, Button, columnsOf, EmptyState, useReadOnly, type FilterField } from "@/ui";
import { useChanged, useOpened } from "../common/hooks";
import { ListView } from "../common/list-page";
import { Opened } from "../common/opened";
import { PageHeader } from "../common/page";
import { RowMenu } from "../common/row-menu";
import { Ago } from "../common/time";
import { CannedForm } from "./CannedForm";

type Canned = Schemas["CannedResponseView"];
const column = columnsOf<Canned>();

export function CannedPage() {
  const { t } = useTranslation("settings");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const changed = useChanged();
  const columns = useMemo(
    () =>
      column.columns([
        column.accessor("short_code", {
          header: t("canned.short_code"),
          meta: { primary: true },
          cell: ({ getValue }) => <span className="font-mono">{getValue()}</span>,
        }),
        column.accessor("title", { header: t("fields.title"), meta: { className: "whitespace-nowrap" } }),
        column.accessor("content", {
          header: t("canned.content"),
          enableSorting: false,
          cell: ({ getValue }) => <p className="max-w-md min-w-40 truncate text-muted">{getValue()}</p>,
        }),
        column.accessor("category", {
          header: t("fields.category"),
          cell: ({ getValue }) => (getValue() ? <Badge>{getValue()}</Badge> : <span className="text-faint">—</span>),
        }),
        column.accessor("updated_at", { header: t("fields.updated"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
        column.display({
          id: "actions",
          header: () => <span className="sr-only">{t("actions")}</span>,
          meta: { align: "end" },
          cell: ({ row: { original } }) => (
            <RowMenu
              name={original.short_code}
              onOpen={() => open(original.id)}
              onDelete={{
                title: t("canned.delete_title", { name: original.short_code }),
                text: t("canned.delete_text"),
                action: async () => {
                  await done(api.DELETE("/v1/canned-responses/{id}", { params: { path: { id: original.id } } }));
                  await changed(["canned-responses"], t("deleted"));
                },
              }}
            />
          ),
        }),
      ]),
    [t, open, changed],
  );
  const filters = useMemo<FilterField[]>(
    () => [
      { name: "title", label: t("fields.title"), kind: "text" },
      { name: "short_code", label: t("canned.short_code"), kind: "text" },
      { name: "created_at", label: t("fields.created"), kind: "date" },
      { name: "updated_at", label: t("fields.updated"), kind: "date" },
    ],
    [t],
  );
  const add = !readOnly && (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t("canned.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("sections.canned-responses")} text={t("canned.text")} actions={add} />
      <ListView<Canned>
        name="canned-responses"
        label={t("sections.canned-responses")}
        columns={columns}
        rowId={(canned) => canned.id}
        searchField="title"
        filters={filters}
        sort={{ field: "short_code", desc: false }}
        read={(query) => page(api.GET("/v1/canned-responses", { params: { query } }))}
        onRowClick={(canned) => open(canned.id)}
        empty={
          <EmptyState
            icon={<MessageSquareText />}
            title={t("canned.empty")}
            text={t("canned.empty_text")}
            action={add}
          />
        }
      />
      <Opened
        id={opened}
        kind="canned-responses"
        title={t("canned.edit")}
        onClose={() => open(null)}
        read={(id) => data(api.GET("/v1/canned-responses/{id}", { params: { path: { id } } }))}
      >
        {(canned) => <CannedForm canned={canned} onClose={() => open(null)} />}
      </Opened>
    </>
  );
}
