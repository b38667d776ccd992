import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Ago } from "@/settings/common/time";
import { Badge } from "@/ui";
import type { Contact } from "./data";
import { Identifiers } from "./Identifiers";
import { Memberships } from "./Memberships";
import { Merges } from "./Merges";
import { shownProperty } from "./properties";
import { Suppressed } from "./Suppressed";

export function Details({ contact }: { contact: Contact }) {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const names = [contact.first_name, contact.last_name].filter(Boolean).join(" ");
  return (
    <div className="flex flex-col gap-6">
      <dl className="grid grid-cols-[8.5rem_1fr] gap-x-4 gap-y-2">
        {names && names !== contact.name && <Line label={t("fields.full_name")}>{names}</Line>}
        <Line label={t("fields.phone")}>{contact.phone}</Line>
        <Line label={t("fields.email")}>{contact.email}</Line>
        <Line label={t("fields.preferred_channel")}>
          {contact.preferred_channel_type
            ? settings(`channel_types.${contact.preferred_channel_type}`)
            : t("contacts.best_channel")}
        </Line>
        <Line label={t("fields.language")}>{contact.preferred_language}</Line>
        <Line label={t("fields.tags")}>
          {contact.tags.length > 0 && (
            <span className="flex flex-wrap gap-1">
              {contact.tags.map((tag) => (
                <Badge key={tag}>{tag}</Badge>
              ))}
            </span>
          )}
        </Line>
        <Line label={t("fields.created")}>
          <Ago at={contact.created_at} />
        </Line>
      </dl>
      {Object.keys(contact.properties).length > 0 && (
        <Part title={t("properties.title")}>
          <dl className="grid grid-cols-[8.5rem_1fr] gap-x-4 gap-y-2">
            {Object.entries(contact.properties).map(([name, value]) => (
              <Line key={name} label={name}>
                {shownProperty(value)}
              </Line>
            ))}
          </dl>
        </Part>
      )}
      <Identifiers contact={contact} />
      <Memberships contact={contact} />
      <Suppressed contact={contact} />
      <Merges contact={contact} />
    </div>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 break-words">{children || <span className="text-faint">—</span>}</dd>
    </>
  );
}

/** A part of what is known, with what can be done there beside its title. */
export function Part({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section className="border-t border-line pt-4">
      <div className="mb-2 flex min-h-8 items-center justify-between gap-3">
        <h3 className="font-semibold">{title}</h3>
        {action}
      </div>
      {children}
    </section>
  );
}
