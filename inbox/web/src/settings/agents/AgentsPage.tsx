import { useNavigate } from "@tanstack/react-router";
import { UserMinus, UserPlus } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, done, page, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { UserAvatar } from "@/app/UserAvatar";
import { Badge, Button, columnsOf, EmptyState, type FilterField } from "@/ui";
import { useChanged, useOpened } from "../common/hooks";
import { ListView } from "../common/list-page";
import { PageHeader } from "../common/page";
import { roleName, useRoles } from "../common/roles";
import { RowMenu } from "../common/row-menu";
import { Ago } from "../common/time";
import { AgentForm } from "./AgentForm";

type Member = Schemas["MembershipView"];
const column = columnsOf<Member>();

export const nameOf = (person: Pick<Member, "given_name" | "family_name" | "email">): string =>
  [person.given_name, person.family_name].filter(Boolean).join(" ") || person.email;

export function AgentsPage() {
  const { t } = useTranslation("settings");
  const { account, can, me } = useAccount();
  const navigate = useNavigate();
  const [opened, open] = useOpened();
  const changed = useChanged();
  const roles = useRoles();
  const mayManage = can("users.manage");
  const columns = useMemo(() => {
    const show = (userId: string) =>
      void navigate({ to: "/settings/agents/$userId", params: { userId }, search: {} as never });
    return column.columns([
      column.accessor("given_name", {
        header: t("fields.name"),
        cell: ({ row: { original } }) => (
          <button
            type="button"
            onClick={() => show(original.user_id)}
            className="group flex min-w-44 items-center gap-3 rounded-lg text-left"
          >
            <UserAvatar user={original.user_id} name={nameOf(original)} size="sm" />
            <span className="min-w-0">
              <span className="flex items-center gap-2 font-medium group-hover:text-blue group-hover:underline">
                {nameOf(original)}
                {original.user_id === me.id && <Badge>{t("agents.you")}</Badge>}
              </span>
              <span className="block truncate text-xs text-faint">{original.email}</span>
            </span>
          </button>
        ),
      }),
      column.accessor("role", {
        header: t("fields.role"),
        cell: ({ getValue }) => <Badge tone="blue">{roleName(t, getValue())}</Badge>,
      }),
      column.accessor("is_active", {
        header: t("fields.status"),
        enableSorting: false,
        cell: ({ getValue }) => (
          <Badge tone={getValue() ? "green" : "neutral"}>{getValue() ? t("active") : t("inactive")}</Badge>
        ),
      }),
      column.accessor("created_at", { header: t("agents.since"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
      column.display({
        id: "actions",
        header: () => <span className="sr-only">{t("actions")}</span>,
        meta: { align: "end" },
        cell: ({ row: { original } }) => (
          <RowMenu
            name={nameOf(original)}
            onOpen={() => show(original.user_id)}
            {...(mayManage &&
              original.user_id !== me.id && {
                onDelete: {
                  label: t("agents.remove"),
                  title: t("agents.remove_title", { name: nameOf(original) }),
                  text: t("agents.remove_text", { account: account.name }),
                  action: async () => {
                    const path = { id: account.account_id, user_id: original.user_id };
                    await done(api.DELETE("/v1/accounts/{id}/users/{user_id}", { params: { path } }));
                    await changed(["members", "users", "teams"], t("agents.removed", { name: nameOf(original) }));
                  },
                },
              })}
          />
        ),
      }),
    ]);
  }, [t, navigate, me.id, mayManage, account, changed]);
  const filters = useMemo<FilterField[]>(
    () => [
      { name: "email", label: t("fields.email"), kind: "text" },
      { name: "family_name", label: t("fields.family_name"), kind: "text" },
      {
        name: "role_id",
        label: t("fields.role"),
        kind: "select",
        options: roles.map((role) => ({ value: role.id, label: roleName(t, role.name) })),
      },
      { name: "is_active", label: t("active"), kind: "boolean" },
    ],
    [t, roles],
  );
  const add = mayManage && (
    <Button variant="primary" icon={<UserPlus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t("agents.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("sections.agents")} text={t("agents.text")} actions={add} />
      <ListView<Member>
        name="members"
        label={t("sections.agents")}
        columns={columns}
        rowId={(member) => member.id}
        searchField="given_name"
        filters={filters}
        sort={{ field: "created_at", desc: false }}
        read={({ account_id, ...query }) =>
          page(api.GET("/v1/accounts/{id}/users", { params: { path: { id: account_id }, query } }))
        }
        onRowClick={(member) =>
          void navigate({ to: "/settings/agents/$userId", params: { userId: member.user_id }, search: {} as never })
        }
        empty={<EmptyState icon={<UserMinus />} title={t("agents.empty")} action={add} />}
      />
      {opened === "new" && mayManage && <AgentForm onClose={() => open(null)} />}
    </>
  );
}
