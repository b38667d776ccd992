import { Filter, Plus } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done, page } from "@/api/client";
import type { Segment } from "@/api/lookups";
import { SegmentCount } from "@/campaigns/Audience";
import { useChanged, useOpened } from "@/settings/common/hooks";
import { ListView } from "@/settings/common/list-page";
import { Opened } from "@/settings/common/opened";
import { PageHeader } from "@/settings/common/page";
import { RowMenu } from "@/settings/common/row-menu";
import { Ago } from "@/settings/common/time";
import { Button, columnsOf, EmptyState, useReadOnly } from "@/ui";
import { SegmentForm } from "./SegmentForm";

const column = columnsOf<Segment>();

export function SegmentsPage() {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const changed = useChanged();
  const columns = useMemo(
    () =>
      column.columns([
        column.accessor("name", { header: t("fields.name"), meta: { primary: true } }),
        column.accessor("description", {
          header: settings("fields.description"),
          enableSorting: false,
          cell: ({ getValue }) => <span className="block max-w-72 truncate text-muted">{getValue() ?? "—"}</span>,
        }),
        column.accessor("filters", {
          header: t("segments.conditions"),
          enableSorting: false,
          cell: ({ getValue }) => (
            <span title={getValue().join("\n")}>{t("segments.condition_count", { count: getValue().length })}</span>
          ),
        }),
        column.display({
          id: "count",
          header: t("segments.now"),
          cell: ({ row: { original } }) => <SegmentCount id={original.id} />,
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
                title: t("segments.delete_title", { name: original.name }),
                text: t("segments.delete_text"),
                action: async () => {
                  await done(api.DELETE("/v1/segments/{id}", { params: { path: { id: original.id } } }));
                  await changed(["segments"], settings("deleted"));
                },
              }}
            />
          ),
        }),
      ]),
    [t, settings, open, changed],
  );
  const add = !readOnly && (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t("segments.add")}
    </Button>
  );
  return (
    <>
      <PageHeader back={null} title={t("segments.title")} text={t("segments.text")} actions={add} />
      <ListView<Segment>
        name="segments"
        label={t("segments.title")}
        columns={columns}
        rowId={(segment) => segment.id}
        searchField="name"
        sort={{ field: "name", desc: false }}
        read={(query) => page(api.GET("/v1/segments", { params: { query } }))}
        onRowClick={({ id }) => open(id)}
        empty={
          <EmptyState icon={<Filter />} title={t("segments.empty")} text={t("segments.empty_text")} action={add} />
        }
      />
      <Opened
        id={opened}
        kind="segments"
        title={t("segments.edit")}
        onClose={() => open(null)}
        read={(id) => data(api.GET("/v1/segments/{id}", { params: { path: { id } } }))}
      >
        {(segment) => <SegmentForm segment={segment} onClose={() => open(null)} />}
      </Opened>
    </>
  );
}
