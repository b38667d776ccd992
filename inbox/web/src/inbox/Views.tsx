import { Link } from "@tanstack/react-router";
import { AtSign, Bot, Inbox, Layers, UserRoundPlus, Users } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useTeams } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { useInbox } from "@/app/live";
import { short } from "@/lib/time";
import { cx } from "@/ui";

/** From here on the hub counts no further. */
const MOST = 1_000;

/** The views with what each holds now. */
export function Views({ view, onChosen }: { view: string; onChosen?: () => void }) {
  const { t } = useTranslation("inbox");
  const { account } = useAccount();
  const counts = useInbox((store) => store.counts);
  const queue = useInbox((store) => store.queue);
  const teams = useTeams();
  const entry = (id: string, icon: ReactNode, count: number | undefined, label = t(`views.${id}`), hot = false) => (
    <Entry
      key={id}
      id={id}
      icon={icon}
      label={label}
      count={count}
      hot={hot}
      isOpen={view === id}
      onChosen={onChosen}
    />
  );
  const waited = queue?.oldest_waiting_seconds ?? 0;
  const inQueue = (team: string) => queue?.teams.find((one) => one.team_id === team)?.unassigned_count;
  return (
    <nav aria-label={t("views.label")} className="flex flex-col gap-0.5 p-2">
      <p className="flex h-9 items-center truncate px-2.5 font-semibold" title={account.name}>
        {account.name}
      </p>
      {entry("mine", <Inbox />, counts.mine)}
      {entry("unassigned", <UserRoundPlus />, counts.unassigned, undefined, (counts.unassigned ?? 0) > 0)}
      {entry("bot", <Bot />, counts.bot)}
      {entry("mentions", <AtSign />, counts.mentions)}
      {entry("all", <Layers />, counts.all)}
      {teams.length > 0 && <h2 className="px-2.5 pt-4 pb-1 text-xs font-medium text-faint">{t("views.teams")}</h2>}
      {account.team_ids.length > 0 && entry("team", <Users />, counts.team)}
      {teams.map((team) =>
        entry(team.id, <TeamMark name={team.name} />, counts.teams?.[team.id] ?? inQueue(team.id), team.name),
      )}
      {queue && queue.unassigned_count > 0 && (
        <p className="px-2.5 pt-4 text-xs text-faint">
          {/* nobody waits "for now" */}
          {waited < 60
            ? t("views.queue_new", { count: queue.unassigned_count })
            : t("views.queue", {
                count: queue.unassigned_count,
                time: short(waited * 1000, t("time", { returnObjects: true }) as never),
              })}
        </p>
      )}
    </nav>
  );
}

interface EntryProps {
  id: string;
  icon: ReactNode;
  label: string;
  count: number | undefined;
  /** Somebody waits there. */
  hot: boolean;
  isOpen: boolean;
  onChosen?: (() => void) | undefined;
}

function Entry({ id, icon, label, count, hot, isOpen, onChosen }: EntryProps) {
  return (
    <Link
      to="/inbox/$view"
      params={{ view: id }}
      search={{}}
      data-view={id}
      {...(isOpen && { "aria-current": "page" as const })}
      onClick={onChosen}
      className={cx(
        "flex h-9 items-center gap-2.5 rounded-lg px-2.5 [&_svg]:size-4 [&_svg]:shrink-0",
        isOpen ? "bg-selected font-medium text-ink" : "text-muted hover:bg-hover hover:text-ink",
      )}
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {count !== undefined && count > 0 && (
        <span
          data-count={id}
          className={cx(
            "text-xs tabular-nums",
            hot ? "rounded-full bg-orange/12 px-1.5 py-px font-semibold text-orange" : "text-faint",
          )}
        >
          {count >= MOST ? `${MOST.toLocaleString()}+` : count}
        </span>
      )}
    </Link>
  );
}

function TeamMark({ name }: { name: string }) {
  return (
    <span aria-hidden className="flex size-4 items-center justify-center rounded bg-raised text-[0.625rem] font-bold">
      {[...name][0]?.toLocaleUpperCase()}
    </span>
  );
}
