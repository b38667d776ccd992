import type { Conversation, Priority } from "@turumba/realtime";
import {
  ArchiveRestore,
  ArrowLeft,
  Bot,
  CheckCheck,
  Clock,
  Ellipsis,
  Flag,
  Lock,
  PanelRight,
  Tag,
  UserCheck,
  UserRoundPlus,
  Users,
} from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useAgents, useLabels, useTeams } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { useInbox } from "@/app/live";
import { PresenceDot } from "@/app/presence";
import { useIsPhone } from "@/lib/media";
import {
  Avatar,
  Badge,
  Button,
  cx,
  Dot,
  IconButton,
  Menu,
  MenuCheckbox,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadio,
  MenuRadioGroup,
  MenuSeparator,
  MenuSub,
  MenuSubContent,
  MenuSubTrigger,
  MenuTrigger,
  useConfirm,
  type Tone,
} from "@/ui";
import { changes, useChange } from "../actions";
import { ChannelIcon } from "../channel";
import { PriorityMark, Waiting } from "../list/ConversationRow";
import { contactName } from "../names";
import { isOver, mayBecome } from "../transitions";

const TONES: Record<Conversation["status"], Tone> = {
  open: "orange",
  bot: "purple",
  assigned: "blue",
  pending: "teal",
  resolved: "green",
  closed: "neutral",
};

interface Props {
  one: Conversation;
  onBack?: (() => void) | undefined;
  onPanel: () => void;
  isPanelOpen: boolean;
}

/** Whom it is with, how it stands, and what can be done. */
export function Header({ one, onBack, onPanel, isPanelOpen }: Props) {
  const { t } = useTranslation("inbox");
  const { me, can } = useAccount();
  const isPhone = useIsPhone();
  const isOnline = useInbox((store) => store.thread(one.id)?.contactOnline ?? false);
  const run = useRun(one);
  const name = contactName(one);
  const mayAct = can("conversations.reply");
  const isMine = one.assignee_id === me.id && !isOver(one);
  return (
    // the name needs the room: in a narrow column the buttons keep their icons
    <header className="@container/head flex min-h-14 shrink-0 items-center gap-2 border-b border-line bg-section px-3 py-1.5 md:px-4">
      {onBack && <IconButton label={t("thread.back")} icon={<ArrowLeft />} onClick={onBack} className="-ml-1.5" />}
      <Avatar name={name} corner={<ChannelIcon type={one.channel_type} />} />
      <div className="min-w-0 flex-1">
        <h2 className="flex items-center gap-1.5 font-semibold">
          <span className="truncate">{name}</span>
          {isOnline && <Dot tone="green" label={t("thread.customerOnline")} />}
          {one.priority !== "normal" && <PriorityMark priority={one.priority} t={t} />}
        </h2>
        <p className="flex items-center gap-1.5 overflow-hidden text-xs whitespace-nowrap text-faint">
          <Badge tone={TONES[one.status]} className="h-4.5 px-1.5 text-[0.6875rem]">
            <span data-standing={one.status}>{t(`status.${one.status}`)}</span>
          </Badge>
          {one.waiting_since && !isOver(one) && <Waiting since={one.waiting_since} t={t} />}
          <span className="truncate">
            {one.assignee
              ? isMine
                ? t("thread.withYou")
                : t("thread.with", { name: one.assignee.name })
              : t(`channels.${one.channel_type}`)}
          </span>
        </p>
      </div>
      {mayAct && one.status !== "closed" && (
        <>
          {!isMine && !isOver(one) && (
            <Button
              size="sm"
              variant="primary"
              icon={
                one.status === "bot" ? (
                  <Bot aria-hidden className="size-4" />
                ) : (
                  <UserCheck aria-hidden className="size-4" />
                )
              }
              loading={run.busy === "take"}
              className="@max-md/head:w-9 @max-md/head:px-0"
              onClick={() => run("take", changes.take)}
            >
              <span className="@max-md/head:sr-only">
                {t(one.status === "bot" ? "actions.takeOver" : "actions.take")}
              </span>
            </Button>
          )}
          {isOver(one)
            ? mayBecome(one, "open") && (
                <Button
                  size="sm"
                  icon={<ArchiveRestore aria-hidden className="size-4" />}
                  loading={run.busy === "open"}
                  onClick={() => run("open", changes.status("open"))}
                >
                  {t("actions.reopen")}
                </Button>
              )
            : (isMine || !isPhone) && (
                <Button
                  size="sm"
                  icon={<CheckCheck aria-hidden className="size-4" />}
                  loading={run.busy === "resolved"}
                  onClick={() => run("resolved", changes.status("resolved"))}
                  className="@max-xl/head:w-8 @max-xl/head:px-0"
                >
                  <span className="@max-xl/head:sr-only">{t("actions.resolve")}</span>
                </Button>
              )}
          {!isPhone && can("conversations.assign") && !isOver(one) && <AssignMenu one={one} />}
          <More one={one} withAssign={isPhone && can("conversations.assign")} />
        </>
      )}
      <IconButton
        label={t(isPanelOpen ? "panel.hide" : "panel.show")}
        shortcut="C"
        icon={<PanelRight />}
        aria-pressed={isPanelOpen}
        onClick={onPanel}
        className={cx(isPanelOpen && "text-blue")}
      />
    </header>
  );
}

/** Does a change and knows which one is under way. */
function useRun(one: Conversation) {
  const change = useChange();
  const [busy, setBusy] = useState<string | null>(null);
  const run = (name: string, work: Parameters<typeof change.one>[1]) => {
    setBusy(name);
    void change.one(one.id, work).finally(() => setBusy(null));
  };
  return Object.assign(run, { busy });
}

function AssignItems({ one }: { one: Conversation }) {
  const { t } = useTranslation("inbox");
  const { me } = useAccount();
  const agents = useAgents();
  const teams = useTeams();
  const change = useChange();
  const sorted = [...agents].sort((a, b) => Number(b.id === me.id) - Number(a.id === me.id));
  return (
    <>
      <MenuLabel>{t("actions.toAgent")}</MenuLabel>
      <MenuRadioGroup
        value={one.assignee_id ?? ""}
        onValueChange={(agent) => void change.one(one.id, changes.assign(agent))}
      >
        {sorted.map((agent) => (
          <MenuRadio key={agent.id} value={agent.id}>
            <PresenceDot user={agent.id} />
            {agent.id === me.id ? t("actions.me", { name: agent.name }) : agent.name}
          </MenuRadio>
        ))}
      </MenuRadioGroup>
      {one.assignee_id && !isOver(one) && (
        <MenuItem icon={<ArchiveRestore />} onSelect={() => void change.one(one.id, changes.assign(null))}>
          {t("actions.release")}
        </MenuItem>
      )}
      {teams.length > 0 && (
        <>
          <MenuSeparator />
          <MenuLabel>{t("actions.toTeam")}</MenuLabel>
          <MenuRadioGroup
            value={one.team_id ?? ""}
            onValueChange={(team) => void change.one(one.id, changes.team(team === one.team_id ? null : team))}
          >
            {teams.map((team) => (
              <MenuRadio key={team.id} value={team.id}>
                <Users aria-hidden className="text-muted" />
                {team.name}
              </MenuRadio>
            ))}
          </MenuRadioGroup>
        </>
      )}
    </>
  );
}

function AssignMenu({ one }: { one: Conversation }) {
  const { t } = useTranslation("inbox");
  return (
    <Menu>
      <MenuTrigger asChild>
        <IconButton label={t("actions.assign")} icon={<UserRoundPlus />} />
      </MenuTrigger>
      <MenuContent className="w-60">
        <AssignItems one={one} />
      </MenuContent>
    </Menu>
  );
}

function More({ one, withAssign }: { one: Conversation; withAssign: boolean }) {
  const { t } = useTranslation("inbox");
  const { can } = useAccount();
  const change = useChange();
  const confirm = useConfirm();
  const labels = useLabels();
  const names = [...new Set([...labels.map((label) => label.name), ...one.labels])];
  const toggle = (name: string) =>
    one.labels.includes(name) ? one.labels.filter((label) => label !== name) : [...one.labels, name];
  const close = async () => {
    const isSure = await confirm({
      title: t("close.title"),
      text: t("close.text"),
      confirm: t("actions.close"),
      danger: true,
    });
    if (isSure) await change.one(one.id, changes.status("closed"));
  };
  return (
    <Menu>
      <MenuTrigger asChild>
        <IconButton label={t("actions.more")} icon={<Ellipsis />} />
      </MenuTrigger>
      <MenuContent className="w-56">
        {withAssign && (
          <MenuSub>
            <MenuSubTrigger icon={<UserRoundPlus />}>{t("actions.assign")}</MenuSubTrigger>
            <MenuSubContent className="w-56">
              <AssignItems one={one} />
            </MenuSubContent>
          </MenuSub>
        )}
        {mayBecome(one, "pending") && (
          <MenuItem icon={<Clock />} shortcut="P" onSelect={() => void change.one(one.id, changes.status("pending"))}>
            {t("actions.pending")}
          </MenuItem>
        )}
        {one.status === "pending" && (
          <MenuItem icon={<UserCheck />} onSelect={() => void change.one(one.id, changes.status("assigned"))}>
            {t("actions.assigned")}
          </MenuItem>
        )}
        {(one.status === "assigned" || one.status === "pending" || one.status === "bot") && (
          <MenuItem
            icon={<ArchiveRestore />}
            shortcut="O"
            onSelect={() => void change.one(one.id, changes.status("open"))}
          >
            {t(one.status === "bot" ? "actions.handOff" : "actions.toQueue")}
          </MenuItem>
        )}
        {mayBecome(one, "resolved") && (
          <MenuItem
            icon={<CheckCheck />}
            shortcut="E"
            onSelect={() => void change.one(one.id, changes.status("resolved"))}
          >
            {t("actions.resolve")}
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuSub>
          <MenuSubTrigger icon={<Flag />}>{t("actions.priority")}</MenuSubTrigger>
          <MenuSubContent>
            <MenuRadioGroup
              value={one.priority}
              onValueChange={(next) => void change.one(one.id, changes.priority(next as Priority))}
            >
              {(["urgent", "high", "normal", "low"] satisfies Priority[]).map((priority) => (
                <MenuRadio key={priority} value={priority}>
                  {t(`priority.${priority}`)}
                </MenuRadio>
              ))}
            </MenuRadioGroup>
          </MenuSubContent>
        </MenuSub>
        {names.length > 0 && (
          <MenuSub>
            <MenuSubTrigger icon={<Tag />}>{t("actions.label")}</MenuSubTrigger>
            <MenuSubContent>
              {names.map((name) => (
                <MenuCheckbox
                  key={name}
                  checked={one.labels.includes(name)}
                  onSelect={(event) => event.preventDefault()}
                  onCheckedChange={() => void change.one(one.id, changes.labels(toggle(name)))}
                >
                  {name}
                </MenuCheckbox>
              ))}
            </MenuSubContent>
          </MenuSub>
        )}
        {can("conversations.manage") && mayBecome(one, "closed") && (
          <>
            <MenuSeparator />
            <MenuItem icon={<Lock />} danger onSelect={() => void close()}>
              {t("actions.close")}
            </MenuItem>
          </>
        )}
      </MenuContent>
    </Menu>
  );
}
