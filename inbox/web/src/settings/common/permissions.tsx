import { useTranslation } from "react-i18next";

import { Checkbox } from "@/ui";

/** The closed list of permissions by what they are about, as people look for them. */
const GROUPS: [string, string[]][] = [
  [
    "conversations",
    [
      "conversations.view",
      "notes.view",
      "conversations.reply",
      "conversations.assign",
      "conversations.manage",
      "conversations.see_all",
    ],
  ],
  ["messages", ["messages.view", "messages.send", "group_messages.send", "schedules.manage"]],
  ["contacts", ["contacts.view", "contacts.manage"]],
  ["texts", ["templates.view", "templates.manage", "canned_responses.view", "canned_responses.manage"]],
  ["channels", ["channels.view", "channels.manage", "bot_rules.view", "bot_rules.manage"]],
  ["people", ["teams.view", "teams.manage", "users.view", "users.manage", "roles.manage", "preferences.manage"]],
  ["account", ["account.manage", "api_keys.manage", "analytics.view", "audit.view", "operations.manage"]],
];

interface PermissionsProps {
  value: string[];
  onChange: (value: string[]) => void;
  /** What may be given; the rest is shown and cannot be chosen. */
  held: readonly string[];
}

/** Permissions to choose from, in groups; a group can be chosen whole. */
export function Permissions({ value, onChange, held }: PermissionsProps) {
  const { t } = useTranslation("settings");
  const known = GROUPS.flatMap(([, names]) => names);
  // a newer hub may know more than this page
  const others = held.filter((name) => !known.includes(name));
  const groups: [string, string[]][] = others.length ? [...GROUPS, ["other", others]] : GROUPS;
  const set = (names: string[], yes: boolean) =>
    onChange(yes ? [...new Set([...value, ...names])] : value.filter((name) => !names.includes(name)));
  return (
    <div className="flex flex-col gap-3">
      {groups.map(([group, names]) => {
        const allowed = names.filter((name) => held.includes(name));
        const chosen = allowed.filter((name) => value.includes(name));
        const state = chosen.length === 0 ? false : chosen.length === allowed.length ? true : "indeterminate";
        return (
          <div
            key={group}
            role="group"
            aria-label={t(`permission_groups.${group}`)}
            className="rounded-lg border border-line p-3"
          >
            <Checkbox
              checked={state}
              disabled={allowed.length === 0}
              onChange={(yes) => set(allowed, yes)}
              label={<span className="font-semibold">{t(`permission_groups.${group}`)}</span>}
            />
            <div className="mt-2.5 grid gap-x-6 gap-y-2 pl-7 sm:grid-cols-2">
              {names.map((name) => (
                <Checkbox
                  key={name}
                  checked={value.includes(name)}
                  disabled={!held.includes(name)}
                  onChange={(yes) => set([name], yes)}
                  label={t(`permissions.${name.replace(".", "_")}`, { defaultValue: name })}
                />
              ))}
            </div>
          </div>
        );
      })}
    </div>
  );
}
