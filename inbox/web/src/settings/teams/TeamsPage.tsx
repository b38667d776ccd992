import { Plus, Users } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done, page, type Schemas } from "@/api/client";
import { useAgents } from "@/api/lookups";
import { Avatar, Badge, Button, columnsOf, EmptyState, useReadOnly, type FilterField } from "@/ui";
import { useChanged, useOpened } from "../common/hooks";
import { ListView } from "../common/list-page";
import { Opened } from "../common/opened";
import { PageHeader } from "../common/page";
import { RowMenu } from "../common/row-menu";
import { Ago } from "../common/time";
import { TeamForm } from "./TeamForm";

type Team = Schemas["TeamView"];
const column = columnsOf<Team>();

export function TeamsPage() {
  const { t } = useTranslation("settings");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const changed = useChanged();
  const agents = useAgents();
  const columns = useMemo(
    () =>
      column.columns([
        column.accessor("name", {
          header: t("fields.name"),
          meta: { primary: true, className: "whitespace-nowrap" },
        }),
        column.accessor("description", {
          header: t("fields.description"),
          enableSorting: false,
          cell: ({ getValue }) => <p className="max-w-sm min-w-32 truncate text-muted">{getValue() ?? "—"}</p>,
        }),
        column.accessor("member_count", {
          header: t("teams.members"),
          enableSorting: false,
          cell: ({ getValue }) => <span className="tabular-nums">{getValue()}</span>,
        }),
        column.accessor("lead_id", {
          header: t("teams.lead"),
          enableSorting: false,
          cell: ({ getValue }) => {
            const lead = agents.find((agent) => agent.id === getValue());
            return lead ? (
              <span className="inline-flex items-center gap-2 whitespace-nowrap">
                <Avatar name={lead.name} size="xs" />
                {lead.name}
              </span>
            ) : (
              <span className="text-faint">—</span>
            );
          },
        }),
        column.accessor("is_active", {
          header: t("fields.status"),
          enableSorting: false,
          cell: ({ getValue }) => (
            <Badge tone={getValue() ? "green" : "neutral"}>{getValue() ? t("active") : t("inactive")}</Badge>
          ),
        }),
        column.accessor("created_at", { header: t("fields.created"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
        column.display({
          id: "actions",
          header: () => <span className="sr-only">{t("actions")}</span>,
          meta: { align: "end" },
          cell: ({ row: { original } }) => (
            <RowMenu
              name={original.name}
              onOpen={() => open(original.id)}
              onDelete={{
                title: t("teams.delete_title", { name: original.name }),
                text: t("teams.delete_text"),
                action: async () => {
                  await done(api.DELETE("/v1/teams/{id}", { params: { path: { id: original.id } } }));
                  await changed(["teams"], t("deleted"));
                },
              }}
            />
          ),
        }),
      ]),
    [t, open, changed, agents],
  );
  const filters = useMemo<FilterField[]>(
    () => [
      { name: "name", label: t("fields.name"), kind: "text" },
      { name: "is_active", label: t("active"), kind: "boolean" },
      { name: "created_at", label: t("fields.created"), kind: "date" },
    ],
    [t],
  );
  const add = !readOnly && (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t("teams.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("sections.teams")} text={t("teams.text")} actions={add} />
      <ListView<Team>
        name="teams"
        label={t("sections.teams")}
        columns={columns}
        rowId={(team) => team.id}
        searchField="name"
        filters={filters}
        sort={{ field: "name", desc: false }}
        read={(query) => page(api.GET("/v1/teams", { params: { query } }))}
        onRowClick={(team) => open(team.id)}
        empty={<EmptyState icon={<Users />} title={t("teams.empty")} text={t("teams.empty_text")} action={add} />}
      />
      <Opened
        id={opened}
        kind="teams"
        title={t("teams.edit")}
        onClose={() => open(null)}
        read={(id) => data(api.GET("/v1/teams/{id}", { params: { path: { id } } }))}
      >
        {(team) => <TeamForm team={team} onClose={() => open(null)} onMade={(id) => open(id)} />}
      </Opened>
    </>
  );
}
