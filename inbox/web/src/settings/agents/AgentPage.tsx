import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, data, page, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { UserAvatar } from "@/app/UserAvatar";
import { Badge, Field, ReadOnly, Select } from "@/ui";
import { preferencesOf } from "../availability/AvailabilityPage";
import { PreferencesForm } from "../availability/PreferencesForm";
import { useAttempt, useChanged } from "../common/hooks";
import { Loaded } from "../common/loaded";
import { Card, PageHeader } from "../common/page";
import { roleName, useRoles } from "../common/roles";
import { PersonForm } from "../profile/PersonForm";
import { nameOf } from "./AgentsPage";

/** One person of the account: who they are, what they may do, and what routing may give them. */
export function AgentPage() {
  const { t } = useTranslation("settings");
  const { userId } = useParams({ strict: false }) as { userId: string };
  const { account, can, me } = useAccount();
  const path = { id: account.account_id, user_id: userId };
  const back = { to: "/settings/agents", label: t("sections.agents") };
  return (
    <Loaded
      of={["members", "one", account.account_id, userId]}
      read={() => data(api.GET("/v1/accounts/{id}/users/{user_id}", { params: { path } }))}
    >
      {(member) => (
        <>
          <PageHeader
            back={back}
            title={
              <span className="flex items-center gap-3">
                <UserAvatar user={userId} name={nameOf(member)} />
                {nameOf(member)}
              </span>
            }
            text={member.email}
            badge={!member.is_active && <Badge>{t("inactive")}</Badge>}
          />
          <div className="flex flex-col gap-4">
            <ReadOnly value={!can("users.manage")}>
              <Card title={t("agents.role")} text={t("agents.role_text")}>
                <RoleSelect member={member} own={userId === me.id} />
                <Teams userId={userId} />
              </Card>
              <Loaded
                of={["users", "one", userId]}
                read={() => data(api.GET("/v1/users/{id}", { params: { path: { id: userId } } }))}
              >
                {(user) => (
                  <Card title={t("agents.person")}>
                    <PersonForm user={user} />
                  </Card>
                )}
              </Loaded>
            </ReadOnly>
            {(can("preferences.manage") || userId === me.id) && (
              <ReadOnly value={false}>
                <Preferences userId={userId} />
              </ReadOnly>
            )}
          </div>
        </>
      )}
    </Loaded>
  );
}

function Preferences({ userId }: { userId: string }) {
  const { account, me } = useAccount();
  const changed = useChanged();
  return (
    <Loaded
      of={["agent-preferences", "of", account.account_id, userId]}
      read={() => preferencesOf(account.account_id, userId)}
    >
      {(stored) => (
        <PreferencesForm
          own={userId === me.id}
          stored={stored}
          save={async ({ ...body }) => {
            if (stored)
              await data(api.PATCH("/v1/agent-preferences/{id}", { params: { path: { id: stored.id } }, body }));
            else {
              const made = { ...body, user_id: userId, account_id: account.account_id };
              await data(api.POST("/v1/agent-preferences", { body: made }));
            }
            await changed(["agent-preferences"]);
          }}
        />
      )}
    </Loaded>
  );
}

function RoleSelect({ member, own }: { member: Schemas["MembershipView"]; own: boolean }) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const attempt = useAttempt();
  const changed = useChanged();
  const held = new Set<string>(account.permissions);
  const roles = useRoles();
  const may = (id: string) => roles.find((role) => role.id === id)?.permissions.every((one) => held.has(one)) ?? false;
  const path = { id: member.account_id, user_id: member.user_id };
  return (
    <Field label={t("fields.role")} hint={own ? t("agents.own_role") : undefined} className="max-w-xs">
      <Select
        value={member.role_id}
        disabled={own || !may(member.role_id)}
        options={roles.map((role) => ({
          value: role.id,
          label: roleName(t, role.name),
          disabled: !may(role.id),
        }))}
        onChange={(role_id) =>
          void attempt(async () => {
            await data(api.PATCH("/v1/accounts/{id}/users/{user_id}", { params: { path }, body: { role_id } }));
            await changed(["members"], t("agents.role_changed"));
          })
        }
      />
    </Field>
  );
}

function Teams({ userId }: { userId: string }) {
  const { t } = useTranslation("settings");
  const { account, can } = useAccount();
  const teams = useQuery({
    queryKey: ["teams", "of", account.account_id, userId],
    queryFn: () =>
      page(
        api.GET("/v1/users/{id}/teams", {
          params: { path: { id: userId }, query: { account_id: account.account_id, limit: 100 } },
        }),
      ),
    enabled: can("teams.view"),
  });
  if (!teams.data?.data.length) return null;
  return (
    <p className="mt-4 flex flex-wrap items-center gap-2 text-muted">
      {t("agents.in_teams")}
      {teams.data.data.map((team) => (
        <Badge key={team.id} tone="teal">
          {team.name}
        </Badge>
      ))}
    </p>
  );
}
