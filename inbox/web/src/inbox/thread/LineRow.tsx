import { Bot, CheckCheck, Clock, Star, UserRound, Users } from "lucide-react";
import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useAgents, useTeams } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { clock, full } from "@/lib/time";
import type { Line } from "./rows";

/** What the bot, routing or a colleague did, and why. */
export const LineRow = memo(function LineRow({ line }: { line: Line }) {
  const { t, i18n } = useTranslation("inbox");
  const { me } = useAccount();
  const agents = useAgents();
  const teams = useTeams();
  const nameOf = (id: string | null) =>
    id === me.id ? t("lines.you") : (agents.find((agent) => agent.id === id)?.name ?? t("lines.somebody"));
  const teamOf = (id: string | null) => teams.find((team) => team.id === id)?.name ?? t("lines.aTeam");

  const [icon, text]: [ReactNode, string] = (() => {
    switch (line.kind) {
      case "rule":
        return [<Bot />, t("lines.rule", { rule: line.rule })];
      case "waiting":
        return [<Clock />, t(`lines.waits.${line.reason}`, { count: line.considered, defaultValue: line.reason })];
      case "picked":
        return [
          <UserRound />,
          t("lines.picked", {
            name: nameOf(line.agent),
            reason: t(`lines.picks.${line.reason}`, { defaultValue: line.reason }),
          }),
        ];
      case "rated":
        return [<Star />, t("lines.rated", { rating: line.rating })];
      case "status": {
        const { type, name } = line.by ?? {};
        const who =
          type === "contact"
            ? t("lines.theCustomer")
            : type === "bot" && name
              ? t("sender.rule", { rule: name })
              : name;
        const words = who ? t(`lines.statusBy.${line.status}`, { by: who }) : t(`lines.status.${line.status}`);
        return [line.status === "resolved" ? <CheckCheck /> : <Clock />, words];
      }
      case "assigned": {
        const { agent, team, by, reason } = line;
        if (agent && agent === by) return [<UserRound />, t("lines.taken", { name: nameOf(agent) })];
        if (agent && by) return [<UserRound />, t("lines.assigned", { name: nameOf(agent), by: nameOf(by) })];
        if (agent) return [<UserRound />, t("lines.given", { name: nameOf(agent), reason })];
        if (team && by) return [<Users />, t("lines.teamBy", { team: teamOf(team), by: nameOf(by) })];
        if (team) return [<Users />, t("lines.team", { team: teamOf(team), reason })];
        return [<UserRound />, by ? t("lines.released", { by: nameOf(by) }) : t("lines.releasedBecause", { reason })];
      }
    }
  })();
  return (
    <div className="flex justify-center px-6 py-1.5" data-line={line.kind}>
      <p className="flex max-w-full items-center gap-1.5 text-center text-xs text-faint [&_svg]:size-3.5 [&_svg]:shrink-0">
        {icon}
        <span className="min-w-0">
          {text}
          {line.kind === "assigned" && line.note && <span className="italic"> — {line.note}</span>}
        </span>
        <time dateTime={line.at} title={full(line.at, i18n.language)} className="shrink-0 tabular-nums">
          {clock(line.at, i18n.language)}
        </time>
      </p>
    </div>
  );
});
