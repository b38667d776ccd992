import { Link, useLocation } from "@tanstack/react-router";
import { CircleHelp, Contact, Inbox, Megaphone, Search, Settings } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { shown } from "@/lib/shortcuts";
import { Tooltip } from "@/ui";
import { useAccount } from "./account";
import { AccountMenu } from "./AccountMenu";
import { useInbox } from "./live";
import { UserMenu } from "./UserMenu";

const item =
  "relative flex size-10 items-center justify-center rounded-xl text-muted hover:bg-hover hover:text-ink " +
  "aria-[current=page]:bg-selected aria-[current=page]:text-blue [&_svg]:size-5";

/** The places of the app, at the left edge. */
export function Rail({ onSearch, onHelp }: { onSearch: () => void; onHelp: () => void }) {
  const { t } = useTranslation();
  return (
    <nav
      aria-label={t("nav.label")}
      className="flex w-14 shrink-0 flex-col items-center gap-1.5 border-r border-line bg-section py-2.5"
    >
      <AccountMenu />
      <div className="my-1 h-px w-7 bg-line" />
      <Place to="/inbox/mine" match="/inbox" label={t("nav.inbox")} icon={<Inbox />} badge={<UnreadBadge />} />
      <Areas />
      <Place to="/settings" match="/settings" label={t("nav.settings")} icon={<Settings />} />
      <div className="flex-1" />
      <Tooltip text={t("nav.search")} shortcut={shown("mod+k")} side="right">
        <button type="button" className={item} aria-label={t("nav.search")} onClick={onSearch}>
          <Search />
        </button>
      </Tooltip>
      <Tooltip text={t("nav.shortcuts")} shortcut="?" side="right">
        <button type="button" className={item} aria-label={t("nav.shortcuts")} onClick={onHelp}>
          <CircleHelp />
        </button>
      </Tooltip>
      <UserMenu />
    </nav>
  );
}

/** The same on a phone, at the lower edge. */
export function BottomBar({ onSearch }: { onSearch: () => void }) {
  const { t } = useTranslation();
  const { me } = useAccount();
  return (
    <nav
      aria-label={t("nav.label")}
      className="flex h-14 shrink-0 items-center justify-around border-t border-line bg-section pb-[env(safe-area-inset-bottom)]"
    >
      <Place to="/inbox/mine" match="/inbox" label={t("nav.inbox")} icon={<Inbox />} badge={<UnreadBadge />} />
      <Areas />
      <button type="button" className={item} aria-label={t("nav.search")} onClick={onSearch}>
        <Search />
      </button>
      <Place to="/settings" match="/settings" label={t("nav.settings")} icon={<Settings />} />
      {/* a phone has no room for a choice of one */}
      {me.accounts.length > 1 && <AccountMenu />}
      <UserMenu />
    </nav>
  );
}

/** Whom one knows, and what is sent to many of them; each for who may see it. */
function Areas() {
  const { t } = useTranslation();
  const { can } = useAccount();
  return (
    <>
      {can("contacts.view") && (
        <Place
          to="/contacts"
          match={["/contact", "/groups", "/segments", "/persons", "/suppressions"]}
          label={t("nav.people")}
          icon={<Contact />}
        />
      )}
      {(can("messages.view") || can("templates.view")) && (
        <Place
          to={can("messages.view") ? "/group-messages" : "/templates"}
          match={["/group-messages", "/scheduled-messages", "/messages", "/templates", "/sending-limits"]}
          label={t("nav.sending")}
          icon={<Megaphone />}
        />
      )}
    </>
  );
}

interface PlaceProps {
  to: string;
  match: string | string[];
  label: string;
  icon: ReactNode;
  badge?: ReactNode;
}

function Place({ to, label, icon, badge, match }: PlaceProps) {
  const isHere = useLocation({ select: ({ pathname }) => [match].flat().some((start) => pathname.startsWith(start)) });
  return (
    <Tooltip text={label} side="right">
      <Link to={to} className={item} {...(isHere && { "aria-current": "page" as const })}>
        <span className="sr-only">{label}</span>
        {icon}
        {badge}
      </Link>
    </Tooltip>
  );
}

/** How many conversations of one's own wait for an answer. */
function UnreadBadge() {
  const { t } = useTranslation();
  const count = useInbox((store) => store.unread.size);
  if (!count) return null;
  return (
    <span
      aria-label={t("nav.unread", { count })}
      className="absolute -top-0.5 -right-0.5 inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-brand px-1 text-[0.6875rem] font-semibold text-on-brand ring-2 ring-section"
    >
      {count > 99 ? "99+" : count}
    </span>
  );
}
