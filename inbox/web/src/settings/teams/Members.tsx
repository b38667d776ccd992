import { useQuery } from "@tanstack/react-query";
import { Crown, UserMinus } from "lucide-react";
import { useTranslation } from "react-i18next";

import { api, data, done, page, type Schemas } from "@/api/client";
import { useAgents } from "@/api/lookups";
import { UserAvatar } from "@/app/UserAvatar";
import { Badge, Combobox, IconButton, Skeleton, useReadOnly } from "@/ui";
import { useAttempt, useChanged } from "../common/hooks";

/** More than a team has. */
const MOST = 1000;

/** Who is in a team and who leads it; each change counts at once. */
export function Members({ team }: { team: Schemas["TeamView"] }) {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  const agents = useAgents();
  const attempt = useAttempt();
  const changed = useChanged();
  const path = { id: team.id };
  const members = useQuery({
    queryKey: ["teams", "members", team.id],
    queryFn: () => page(api.GET("/v1/teams/{id}/members", { params: { path, query: { limit: MOST } } })),
  });
  const inTeam = new Set(members.data?.data.map((member) => member.user_id));
  const others = agents.filter((agent) => !inTeam.has(agent.id));

  const put = (user_id: string, role: "member" | "lead", said: string) =>
    attempt(async () => {
      await data(api.POST("/v1/teams/{id}/members", { params: { path }, body: { user_id, role } }));
      await changed(["teams", "me"], said);
    });
  const remove = (user_id: string, name: string) =>
    attempt(async () => {
      await done(api.DELETE("/v1/teams/{id}/members/{user_id}", { params: { path: { ...path, user_id } } }));
      await changed(["teams", "me"], t("teams.removed", { name }));
    });

  return (
    <section className="mt-6 border-t border-line pt-4" aria-labelledby="members">
      <h3 id="members" className="text-base font-semibold">
        {t("teams.members")}
      </h3>
      <p className="mb-3 text-xs text-faint">{t("teams.members_text")}</p>
      {!readOnly && (
        <Combobox
          label={t("teams.add_member")}
          value=""
          placeholder={t("teams.add_member")}
          options={others.map((agent) => ({ value: agent.id, label: agent.name, hint: agent.email }))}
          onChange={(id) => {
            const name = others.find((agent) => agent.id === id)?.name ?? "";
            void put(id, "member", t("teams.added", { name }));
          }}
        />
      )}
      {!members.data && <Skeleton className="mt-3 h-12" />}
      <ul className="mt-2 divide-y divide-line">
        {members.data?.data.map((member) => (
          <li key={member.user_id} className="flex items-center gap-3 py-2.5">
            <UserAvatar user={member.user_id} name={member.name} size="sm" />
            <span className="min-w-0 flex-1">
              <span className="flex items-center gap-2">
                <span className="truncate font-medium">{member.name}</span>
                {member.role === "lead" && <Badge tone="orange">{t("teams.lead")}</Badge>}
              </span>
              <span className="block truncate text-xs text-faint">{member.email}</span>
            </span>
            {!readOnly && (
              <>
                <IconButton
                  size="sm"
                  icon={<Crown />}
                  label={t(member.role === "lead" ? "teams.no_lead" : "teams.make_lead", { name: member.name })}
                  aria-pressed={member.role === "lead"}
                  onClick={() =>
                    void put(
                      member.user_id,
                      member.role === "lead" ? "member" : "lead",
                      t(member.role === "lead" ? "teams.lead_gone" : "teams.lead_made", { name: member.name }),
                    )
                  }
                />
                <IconButton
                  size="sm"
                  icon={<UserMinus />}
                  label={t("teams.remove", { name: member.name })}
                  onClick={() => void remove(member.user_id, member.name)}
                />
              </>
            )}
          </li>
        ))}
      </ul>
      {members.data?.data.length === 0 && <p className="py-3 text-muted">{t("teams.no_members")}</p>}
    </section>
  );
}
