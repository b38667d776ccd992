import { FileText, Plus } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done, page, type Schemas } from "@/api/client";
import { Badge, Button, columnsOf, EmptyState, useReadOnly, type FilterField } from "@/ui";
import { channelOptions } from "../common/channels";
import { useChanged, useOpened } from "../common/hooks";
import { ListView } from "../common/list-page";
import { Opened } from "../common/opened";
import { PageHeader } from "../common/page";
import { RowMenu } from "../common/row-menu";
import { Ago } from "../common/time";
import { TemplateForm } from "./TemplateForm";

type Template = Schemas["TemplateView"];
const column = columnsOf<Template>();

export function TemplatesPage() {
  const { t } = useTranslation("settings");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const changed = useChanged();
  const columns = useMemo(
    () =>
      column.columns([
        column.accessor("name", { header: t("fields.name"), meta: { primary: true, className: "whitespace-nowrap" } }),
        column.accessor("body", {
          header: t("templates.body"),
          enableSorting: false,
          cell: ({ getValue }) => <p className="max-w-sm min-w-40 truncate text-muted">{getValue()}</p>,
        }),
        column.accessor("category", {
          header: t("fields.category"),
          cell: ({ getValue }) => (getValue() ? <Badge>{getValue()}</Badge> : <span className="text-faint">—</span>),
        }),
        column.accessor("channel_type", {
          header: t("fields.channel"),
          cell: ({ getValue }) => (getValue() ? t(`channel_types.${getValue()}`) : t("templates.every_channel")),
          meta: { className: "whitespace-nowrap" },
        }),
        column.accessor("is_active", {
          header: t("fields.status"),
          enableSorting: false,
          cell: ({ getValue }) => (
            <Badge tone={getValue() ? "green" : "neutral"}>{getValue() ? t("active") : t("inactive")}</Badge>
          ),
        }),
        column.accessor("updated_at", { header: t("fields.updated"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
        column.display({
          id: "actions",
          header: () => <span className="sr-only">{t("actions")}</span>,
          meta: { align: "end" },
          cell: ({ row: { original } }) => (
            <RowMenu
              name={original.name}
              onOpen={() => open(original.id)}
              onDelete={{
                title: t("templates.delete_title", { name: original.name }),
                text: t("templates.delete_text"),
                action: async () => {
                  await done(api.DELETE("/v1/templates/{id}", { params: { path: { id: original.id } } }));
                  await changed(["templates"], t("deleted"));
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
      { name: "name", label: t("fields.name"), kind: "text" },
      { name: "channel_type", label: t("fields.channel"), kind: "select", options: channelOptions(t) },
      { name: "is_active", label: t("active"), kind: "boolean" },
      { name: "created_at", label: t("fields.created"), kind: "date" },
    ],
    [t],
  );
  const add = !readOnly && (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t("templates.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("sections.templates")} text={t("templates.text")} actions={add} />
      <ListView<Template>
        name="templates"
        label={t("sections.templates")}
        columns={columns}
        rowId={(template) => template.id}
        searchField="name"
        filters={filters}
        sort={{ field: "name", desc: false }}
        read={(query) => page(api.GET("/v1/templates", { params: { query: query } }))}
        onRowClick={(template) => open(template.id)}
        empty={
          <EmptyState icon={<FileText />} title={t("templates.empty")} text={t("templates.empty_text")} action={add} />
        }
      />
      <Opened
        id={opened}
        kind="templates"
        title={t("templates.edit")}
        onClose={() => open(null)}
        read={(id) => data(api.GET("/v1/templates/{id}", { params: { path: { id } } }))}
      >
        {(template) => <TemplateForm template={template} onClose={() => open(null)} />}
      </Opened>
    </>
  );
}
