import { useNavigate, useParams } from "@tanstack/react-router";
import type { Conversation } from "@turumba/realtime";
import { Command } from "cmdk";
import { Dialog as Radix } from "radix-ui";
import {
  ArchiveRestore,
  AtSign,
  Bot,
  CalendarClock,
  CheckCheck,
  CircleHelp,
  Clock,
  Contact,
  Inbox,
  Languages,
  LogOut,
  Megaphone,
  MessagesSquare,
  Moon,
  Search,
  Settings,
  Sun,
  UserCheck,
  UserPlus,
  Users,
} from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useAgents, useTeams } from "@/api/lookups";
import { signOut } from "@/api/session";
import { LANGUAGES, setLanguage, type Language } from "@/i18n";
import { changes, useChange } from "@/inbox/actions";
import { ChannelIcon } from "@/inbox/channel";
import { contactName } from "@/inbox/names";
import { mayBecome } from "@/inbox/transitions";
import { shown } from "@/lib/shortcuts";
import { Kbd } from "@/ui";
import { useAccount } from "./account";
import { useInbox, useLive } from "./live";
import { PresenceDot } from "./presence";
import { prefs } from "./prefs";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onHelp: () => void;
}

/** Everything by name: conversations, places, and what can be done with the open conversation. */
export function Palette({ open, onOpenChange, onHelp }: Props) {
  const { t } = useTranslation();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 animate-fade-in bg-black/50 backdrop-blur-[2px]" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-50 w-[min(40rem,calc(100vw-1.5rem))] -translate-x-1/2 animate-pop-in overflow-hidden rounded-2xl border border-line bg-card shadow-pop"
        >
          <Radix.Title className="sr-only">{t("palette.title")}</Radix.Title>
          {open && <Commands close={() => onOpenChange(false)} onHelp={onHelp} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const SEARCH_AFTER_MS = 180;

/** Conversations that the hub finds for what was typed. */
function useFound(q: string): Conversation[] {
  const live = useLive();
  const [found, setFound] = useState<Conversation[]>([]);
  useEffect(() => {
    if (q.trim().length < 2) return setFound([]);
    let isCurrent = true;
    const timer = setTimeout(async () => {
      try {
        const told = await live.connection.command("inbox:list", { view: "all", filter: { q: q.trim() }, limit: 8 });
        if (isCurrent) setFound(told.conversations);
      } catch {
        if (isCurrent) setFound([]);
      }
    }, SEARCH_AFTER_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [live, q]);
  return found;
}

function Commands({ close, onHelp }: { close: () => void; onHelp: () => void }) {
  const { t } = useTranslation();
  const [q, setQ] = useState("");
  const navigate = useNavigate();
  const { me, account, can, select } = useAccount();
  const { view = "mine", conversation } = useParams({ strict: false }) as { view?: string; conversation?: string };
  const found = useFound(q);
  const teams = useTeams();

  const run = (work: () => void) => () => {
    close();
    work();
  };
  const go = (to: string) => run(() => void navigate({ to }));

  return (
    <Command label={t("palette.title")} loop className="flex max-h-[min(30rem,70vh)] flex-col">
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search aria-hidden className="size-4.5 text-faint" />
        <Command.Input
          autoFocus
          value={q}
          onValueChange={setQ}
          placeholder={t("palette.placeholder")}
          className="h-12 flex-1 bg-transparent text-base outline-none focus-visible:outline-none"
        />
        <Kbd>Esc</Kbd>
      </div>
      <Command.List className="min-h-0 flex-1 overflow-y-auto p-2 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-faint">
        <Command.Empty className="py-8 text-center text-muted">{t("palette.nothing")}</Command.Empty>
        {found.length > 0 && (
          <Command.Group heading={t("palette.conversations")}>
            {found.map((one) => (
              <Item
                key={one.id}
                value={`${q} ${contactName(one)} ${one.id}`}
                icon={<ChannelIcon type={one.channel_type} />}
                onSelect={run(
                  () =>
                    void navigate({ to: "/inbox/$view/$conversation", params: { view: "all", conversation: one.id } }),
                )}
              >
                <span className="font-medium">{contactName(one)}</span>
                <span className="ml-2 truncate text-muted">{one.last_message_preview}</span>
              </Item>
            ))}
          </Command.Group>
        )}
        {conversation && <OnConversation id={conversation} run={run} />}
        <Command.Group heading={t("palette.go")}>
          <Item icon={<Inbox />} keys="g m" onSelect={go("/inbox/mine")}>
            {t("views.mine")}
          </Item>
          <Item icon={<UserPlus />} keys="g u" onSelect={go("/inbox/unassigned")}>
            {t("views.unassigned")}
          </Item>
          <Item icon={<Bot />} keys="g b" onSelect={go("/inbox/bot")}>
            {t("views.bot")}
          </Item>
          <Item icon={<Users />} keys="g t" onSelect={go("/inbox/team")}>
            {t("views.team")}
          </Item>
          <Item icon={<AtSign />} keys="g n" onSelect={go("/inbox/mentions")}>
            {t("views.mentions")}
          </Item>
          <Item icon={<Inbox />} keys="g a" onSelect={go("/inbox/all")}>
            {t("views.all")}
          </Item>
          {teams.map((team) => (
            <Item
              key={team.id}
              value={`team ${team.name} ${team.id}`}
              icon={<Users />}
              onSelect={go(`/inbox/${team.id}`)}
            >
              {t("palette.team", { name: team.name })}
            </Item>
          ))}
          {can("contacts.view") && (
            <Item icon={<Contact />} onSelect={go("/contacts")}>
              {t("places.contacts")}
            </Item>
          )}
          {can("messages.view") && (
            <Item icon={<Megaphone />} onSelect={go("/group-messages")}>
              {t("places.group-messages")}
            </Item>
          )}
          {can("messages.view") && (
            <Item icon={<MessagesSquare />} onSelect={go("/messages")}>
              {t("places.messages")}
            </Item>
          )}
          {can("messages.view") && (
            <Item icon={<CalendarClock />} onSelect={go("/scheduled-messages")}>
              {t("places.scheduled-messages")}
            </Item>
          )}
          <Item icon={<Settings />} keys="g s" onSelect={go("/settings")}>
            {t("nav.settings")}
          </Item>
        </Command.Group>
        <Command.Group heading={t("palette.you")}>
          <Item icon={<Moon />} onSelect={run(() => prefs.set({ theme: "dark" }))}>
            {t("palette.dark")}
          </Item>
          <Item icon={<Sun />} onSelect={run(() => prefs.set({ theme: "light" }))}>
            {t("palette.light")}
          </Item>
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <Item key={code} icon={<Languages />} onSelect={run(() => void setLanguage(code as Language))}>
              {t("palette.language", { name })}
            </Item>
          ))}
          {me.accounts.length > 1 &&
            me.accounts
              .filter((one) => one.account_id !== account.account_id)
              .map((one) => (
                <Item
                  key={one.account_id}
                  icon={<ArchiveRestore />}
                  onSelect={run(() => {
                    select(one.account_id);
                    void navigate({ to: "/inbox/$view", params: { view: can("conversations.view") ? view : "mine" } });
                  })}
                >
                  {t("palette.account", { name: one.name })}
                </Item>
              ))}
          <Item icon={<CircleHelp />} keys="?" onSelect={run(onHelp)}>
            {t("nav.shortcuts")}
          </Item>
          <Item icon={<LogOut />} onSelect={run(() => void signOut())}>
            {t("menu.signOut")}
          </Item>
        </Command.Group>
      </Command.List>
    </Command>
  );
}

/** What can be done with the conversation that is open. */
function OnConversation({ id, run }: { id: string; run: (work: () => void) => () => void }) {
  const { t } = useTranslation();
  const one = useInbox((store) => store.conversation(id));
  const { me, can } = useAccount();
  const agents = useAgents();
  const change = useChange();
  if (!one || !can("conversations.reply")) return null;
  const act = (work: Parameters<typeof change.one>[1]) => run(() => void change.one(id, work));
  return (
    <Command.Group heading={t("palette.on", { name: contactName(one) })}>
      {one.assignee_id !== me.id && (
        <Item icon={<UserCheck />} keys="a" onSelect={act(changes.take)}>
          {t(one.status === "bot" ? "palette.takeOver" : "palette.take")}
        </Item>
      )}
      {mayBecome(one, "resolved") && (
        <Item icon={<CheckCheck />} keys="e" onSelect={act(changes.status("resolved"))}>
          {t("palette.resolve")}
        </Item>
      )}
      {mayBecome(one, "pending") && (
        <Item icon={<Clock />} keys="p" onSelect={act(changes.status("pending"))}>
          {t("palette.pending")}
        </Item>
      )}
      {one.status === "resolved" && (
        <Item icon={<ArchiveRestore />} keys="e" onSelect={act(changes.status("open"))}>
          {t("palette.reopen")}
        </Item>
      )}
      {can("conversations.assign") &&
        agents
          .filter((agent) => agent.id !== one.assignee_id && agent.id !== me.id)
          .map((agent) => (
            <Item
              key={agent.id}
              value={`assign ${agent.name} ${agent.id}`}
              icon={<PresenceDot user={agent.id} className="m-1" />}
              onSelect={act(changes.assign(agent.id))}
            >
              {t("palette.assign", { name: agent.name })}
            </Item>
          ))}
    </Command.Group>
  );
}

interface ItemProps {
  icon: ReactNode;
  children: ReactNode;
  value?: string;
  keys?: string;
  onSelect: () => void;
}

function Item({ icon, children, value, keys, onSelect }: ItemProps) {
  return (
    <Command.Item
      {...(value !== undefined && { value })}
      onSelect={onSelect}
      className="flex min-h-9 cursor-pointer items-center gap-3 rounded-lg px-2.5 py-1.5 select-none data-[selected=true]:bg-selected"
    >
      <span className="flex w-5 shrink-0 justify-center text-muted [&_svg:not([role])]:size-4">{icon}</span>
      <span className="flex min-w-0 flex-1 items-baseline truncate">{children}</span>
      {keys && (
        <span className="flex gap-1">
          {shown(keys)
            .split(" ")
            .map((key) => (
              <Kbd key={key}>{key}</Kbd>
            ))}
        </span>
      )}
    </Command.Item>
  );
}
