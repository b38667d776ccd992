import { Users } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done, page, type Schemas } from "@/api/client";
import { useAgents } from "@/api/lookups";
import { UserAvatar } from "@/app/UserAvatar";
import { Badge, columnsOf, type FilterField } from "@/ui";
import { Collection } from "../common/collection";
import { Ago } from "../common/time";
import { TeamForm } from "./TeamForm";

type Team = Schemas["TeamView"];
const column = columnsOf<Team>();

export function TeamsPage() {
  const { t } = useTranslation("settings");
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
                <UserAvatar user={lead.id} name={lead.name} size="xs" />
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
      ]),
    [t, agents],
  );
  const filters = useMemo<FilterField[]>(
    () => [
      { name: "name", label: t("fields.name"), kind: "text" },
      { name: "is_active", label: t("active"), kind: "boolean" },
      { name: "created_at", label: t("fields.created"), kind: "date" },
    ],
    [t],
  );
  return (
    <Collection<Team>
      kind="teams"
      texts="teams"
      icon={<Users />}
      columns={columns}
      nameOf={(team) => team.name}
      searchField="name"
      filters={filters}
      sort={{ field: "name", desc: false }}
      list={(query) => page(api.GET("/v1/teams", { params: { query } }))}
      one={(id) => data(api.GET("/v1/teams/{id}", { params: { path: { id } } }))}
      remove={(id) => done(api.DELETE("/v1/teams/{id}", { params: { path: { id } } }))}
    >
      {(team, open) => <TeamForm team={team} onClose={() => open(null)} onMade={open} />}
    </Collection>
  );
}
