import {
  Bot,
  Building2,
  CircleUser,
  Clock,
  KeyRound,
  MessageSquareText,
  MessagesSquare,
  RadioTower,
  ShieldCheck,
  Tag,
  UserCog,
  Users,
  type LucideIcon,
} from "lucide-react";

/** A page of the settings: where it is, who sees it, and who may change something on it. */
export interface Section {
  /** Below `/settings/`, and its name in the catalogue. */
  path: string;
  icon: LucideIcon;
  /** Nobody without it sees the page. */
  view?: string;
  /** Without any of these the page is read-only. */
  manage?: string[];
}

export interface SectionGroup {
  name: "you" | "inbox" | "people" | "organisation";
  sections: Section[];
}

export const groups: SectionGroup[] = [
  {
    name: "you",
    sections: [
      { path: "profile", icon: CircleUser },
      { path: "availability", icon: Clock },
    ],
  },
  {
    name: "inbox",
    sections: [
      { path: "channels", icon: RadioTower, view: "channels.view", manage: ["channels.manage"] },
      { path: "webchat", icon: MessagesSquare, view: "channels.view", manage: ["channels.manage"] },
      { path: "bot-rules", icon: Bot, view: "bot_rules.view", manage: ["bot_rules.manage"] },
      {
        path: "canned-responses",
        icon: MessageSquareText,
        view: "canned_responses.view",
        manage: ["canned_responses.manage"],
      },
      { path: "labels", icon: Tag, view: "conversations.view", manage: ["conversations.manage"] },
    ],
  },
  {
    name: "people",
    sections: [
      { path: "agents", icon: UserCog, view: "users.view", manage: ["users.manage", "preferences.manage"] },
      { path: "teams", icon: Users, view: "teams.view", manage: ["teams.manage"] },
      { path: "roles", icon: ShieldCheck, view: "users.view", manage: ["roles.manage"] },
    ],
  },
  {
    name: "organisation",
    sections: [
      { path: "account", icon: Building2, manage: ["account.manage"] },
      { path: "api-keys", icon: KeyRound, view: "api_keys.manage", manage: ["api_keys.manage"] },
    ],
  },
];

/** The section that a path belongs to. */
export function sectionOf(pathname: string): Section | undefined {
  const [, , name] = pathname.split("/");
  return groups.flatMap((group) => group.sections).find((section) => section.path === name);
}
