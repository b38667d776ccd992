import { MessageSquareText } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done, page, type Schemas } from "@/api/client";
import { Badge, columnsOf, type FilterField } from "@/ui";
import { Collection } from "../common/collection";
import { Ago } from "../common/time";
import { CannedForm } from "./CannedForm";

type Canned = Schemas["CannedResponseView"];
const column = columnsOf<Canned>();

export function CannedPage() {
  const { t } = useTranslation("settings");
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
      ]),
    [t],
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
  return (
    <Collection<Canned>
      kind="canned-responses"
      texts="canned"
      icon={<MessageSquareText />}
      columns={columns}
      nameOf={(canned) => canned.short_code}
      searchField="title"
      filters={filters}
      sort={{ field: "short_code", desc: false }}
      list={(query) => page(api.GET("/v1/canned-responses", { params: { query } }))}
      one={(id) => data(api.GET("/v1/canned-responses/{id}", { params: { path: { id } } }))}
      remove={(id) => done(api.DELETE("/v1/canned-responses/{id}", { params: { path: { id } } }))}
    >
      {(canned, open) => <CannedForm canned={canned} onClose={() => open(null)} />}
    </Collection>
  );
}
