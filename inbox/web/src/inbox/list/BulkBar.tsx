import type { Id, Priority } from "@turumba/realtime";
import { CheckCheck, Flag, Tag, UserCheck, UserRoundPlus, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useAgents, useLabels, useTeams } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { useInbox } from "@/app/live";
import { PresenceDot } from "@/app/presence";
import { IconButton, Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from "@/ui";
import { changes, useChange } from "../actions";
import { mayBecome } from "../transitions";

interface Props {
  chosen: ReadonlySet<Id>;
  onClear: () => void;
}

/** What can be done with all chosen conversations at once. */
export function BulkBar({ chosen, onClear }: Props) {
  const { t } = useTranslation("inbox");
  const { can } = useAccount();
  const change = useChange();
  const agents = useAgents();
  const teams = useTeams();
  const labels = useLabels();
  const [busy, setBusy] = useState(false);
  const resolvable = useInbox((store) =>
    [...chosen].some((id) => {
      const one = store.conversation(id);
      return one && mayBecome(one, "resolved");
    }),
  );
  if (!chosen.size) return null;
  const act = async (work: Parameters<typeof change.several>[1]) => {
    setBusy(true);
    try {
      await change.several([...chosen], work);
      onClear();
    } finally {
      setBusy(false);
    }
  };
  return (
    <div
      role="toolbar"
      aria-label={t("bulk.label")}
      aria-busy={busy}
      className="flex items-center gap-0.5 border-b border-line bg-blue/12 px-2 py-1"
    >
      <IconButton label={t("bulk.clear")} shortcut="Esc" icon={<X />} size="sm" onClick={onClear} />
      <span aria-live="polite" className="flex-1 px-1 text-[0.8125rem] font-medium tabular-nums">
        {t("bulk.chosen", { count: chosen.size })}
      </span>
      <IconButton
        label={t("actions.take")}
        icon={<UserCheck />}
        size="sm"
        disabled={busy}
        onClick={() => void act(changes.take)}
      />
      {can("conversations.assign") && (
        <Menu>
          <MenuTrigger asChild>
            <IconButton label={t("actions.assign")} icon={<UserRoundPlus />} size="sm" disabled={busy} />
          </MenuTrigger>
          <MenuContent>
            <MenuItem onSelect={() => void act(changes.assign(null))}>{t("actions.release")}</MenuItem>
            <MenuSeparator />
            {agents.map((agent) => (
              <MenuItem
                key={agent.id}
                icon={<PresenceDot user={agent.id} />}
                onSelect={() => void act(changes.assign(agent.id))}
              >
                {agent.name}
              </MenuItem>
            ))}
            {teams.length > 0 && <MenuLabel>{t("views.teams")}</MenuLabel>}
            {teams.map((team) => (
              <MenuItem key={team.id} onSelect={() => void act(changes.team(team.id))}>
                {team.name}
              </MenuItem>
            ))}
          </MenuContent>
        </Menu>
      )}
      <Menu>
        <MenuTrigger asChild>
          <IconButton label={t("actions.label")} icon={<Tag />} size="sm" disabled={busy} />
        </MenuTrigger>
        <MenuContent>
          {labels.map(({ id, name }) => (
            <MenuItem key={id} onSelect={() => void act(changes.addLabel(name))}>
              {name}
            </MenuItem>
          ))}
        </MenuContent>
      </Menu>
      <Menu>
        <MenuTrigger asChild>
          <IconButton label={t("actions.priority")} icon={<Flag />} size="sm" disabled={busy} />
        </MenuTrigger>
        <MenuContent>
          {(["urgent", "high", "normal", "low"] satisfies Priority[]).map((priority) => (
            <MenuItem key={priority} onSelect={() => void act(changes.priority(priority))}>
              {t(`priority.${priority}`)}
            </MenuItem>
          ))}
        </MenuContent>
      </Menu>
      <IconButton
        label={t("actions.resolve")}
        icon={<CheckCheck />}
        size="sm"
        disabled={busy || !resolvable}
        onClick={() => void act(changes.status("resolved"))}
      />
    </div>
  );
}
