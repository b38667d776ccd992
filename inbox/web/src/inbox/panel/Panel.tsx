import type { Id, Thread } from "@turumba/realtime";
import { Copy, Pencil, Plus, X } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useLabels } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { useInbox } from "@/app/live";
import { full } from "@/lib/time";
import { Avatar, Badge, IconButton, Menu, MenuCheckbox, MenuContent, MenuTrigger, Skeleton, useToast } from "@/ui";
import { changes, useChange } from "../actions";
import { ChannelIcon } from "../channel";
import { contactName } from "../names";
import { ContactForm } from "./ContactForm";
import { Earlier } from "./Earlier";
import { shownProperty } from "@/contacts/properties";
import { Routing } from "./Routing";

/** Whom the conversation is with, what is known of them, and why it is where it is. */
export function Panel({ id }: { id: Id }) {
  const { t, i18n } = useTranslation("inbox");
  const one = useInbox((store) => store.conversation(id));
  const contact = useInbox((store) => store.thread(id)?.contact ?? null);
  const isOnline = useInbox((store) => store.thread(id)?.contactOnline ?? false);
  if (!one) {
    return (
      <div className="flex flex-col items-center gap-3 p-6">
        <Skeleton className="size-16 rounded-full" />
        <Skeleton className="h-4 w-32" />
      </div>
    );
  }
  const name = contactName(one);
  const identifiers = contact?.identifiers ?? [];
  const properties = Object.entries(contact?.properties ?? {});
  const language = contact?.preferred_language ?? one.language;
  return (
    <div className="flex flex-col">
      <div className="flex flex-col items-center gap-1 px-4 pt-6 pb-4 text-center">
        <Avatar name={name} size="lg" />
        <h2 className="mt-1 max-w-full text-base font-semibold break-words">{name}</h2>
        <p className="text-xs text-faint">
          {t(isOnline ? "panel.online" : `channels.${one.channel_type}`)}
          {language && ` · ${nameOfLanguage(language, i18n.language)}`}
        </p>
      </div>
      <Section title={t("panel.labels")} action={<LabelMenu id={id} />}>
        <Labels id={id} />
      </Section>
      <Section title={t("panel.contact")} action={contact && <EditContact contact={contact} />}>
        <dl className="flex flex-col gap-1.5">
          {one.contact.phone && <Fact name={t("panel.phone")} value={one.contact.phone} canCopy />}
          {one.contact.email && <Fact name={t("panel.email")} value={one.contact.email} canCopy />}
          {one.subject && <Fact name={t("panel.subject")} value={one.subject} />}
          <Fact name={t("panel.since")} value={full(contact?.created_at ?? one.created_at, i18n.language)} />
        </dl>
        {contact && contact.tags.length > 0 && (
          <ul aria-label={t("panel.tags")} className="mt-2 flex flex-wrap gap-1.5">
            {contact.tags.map((tag) => (
              <li key={tag}>
                <Badge>{tag}</Badge>
              </li>
            ))}
          </ul>
        )}
      </Section>
      {identifiers.length > 0 && (
        <Section title={t("panel.identifiers")}>
          <ul className="flex flex-col gap-1.5">
            {identifiers.map(({ channel_type, identifier, display_name }) => (
              <li key={channel_type + identifier} className="flex items-center gap-2">
                <ChannelIcon type={channel_type} className="size-5" />
                <span className="min-w-0 flex-1">
                  <span className="block truncate">{identifier}</span>
                  {display_name && <span className="block truncate text-xs text-faint">{display_name}</span>}
                </span>
                <CopyButton text={identifier} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      {properties.length > 0 && (
        <Section title={t("panel.properties")}>
          <dl className="flex flex-col gap-1.5">
            {properties.map(([key, value]) => (
              <Fact key={key} name={key} value={shownProperty(value)} />
            ))}
          </dl>
        </Section>
      )}
      {contact?.visitor && <Said visitor={contact.visitor} />}
      <Section title={t("panel.earlier")}>
        <Earlier contact={one.contact_id} except={id} />
      </Section>
      <Section title={t("panel.routing")}>
        <Routing id={id} />
      </Section>
    </div>
  );
}

function nameOfLanguage(code: string, locale: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** What a visitor of the web chat, or the page around it, said of them. */
function Said({ visitor }: { visitor: NonNullable<Thread["contact"]["visitor"]> }) {
  const { t } = useTranslation("inbox");
  const said = Object.entries(visitor.attributes);
  const { url, title } = (visitor.page ?? {}) as { url?: string; title?: string };
  if (!said.length && !url) return null;
  return (
    <Section title={t(visitor.is_verified ? "panel.proven" : "panel.said")}>
      <dl className="flex flex-col gap-1.5">
        {said.map(([key, value]) => (
          <Fact key={key} name={key} value={shownProperty(value)} />
        ))}
        {url && <Fact name={t("panel.page")} value={title || url} />}
      </dl>
    </Section>
  );
}

function EditContact({ contact }: { contact: Thread["contact"] }) {
  const { t } = useTranslation("inbox");
  const { can } = useAccount();
  const [isOpen, setOpen] = useState(false);
  if (!can("contacts.manage")) return null;
  return (
    <>
      <IconButton label={t("panel.edit")} icon={<Pencil />} size="sm" onClick={() => setOpen(true)} />
      {isOpen && <ContactForm contact={contact} onClose={() => setOpen(false)} />}
    </>
  );
}

function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section className="border-t border-line px-4 py-3">
      <div className="mb-2 flex h-6 items-center justify-between">
        <h3 className="text-xs font-semibold tracking-wide text-faint uppercase">{title}</h3>
        {action}
      </div>
      {children}
    </section>
  );
}

function Fact({ name, value, canCopy = false }: { name: string; value: string; canCopy?: boolean }) {
  return (
    <div className="flex items-start gap-2">
      <dt className="w-22 shrink-0 truncate text-faint" title={name}>
        {name}
      </dt>
      <dd className="min-w-0 flex-1 break-words">{value}</dd>
      {canCopy && <CopyButton text={value} />}
    </div>
  );
}

function CopyButton({ text }: { text: string }) {
  const { t } = useTranslation("inbox");
  const toast = useToast();
  // outside secure contexts there is no clipboard to write to
  if (!navigator.clipboard) return null;
  return (
    <IconButton
      label={t("panel.copy", { text })}
      icon={<Copy className="!size-3.5" />}
      size="sm"
      className="-my-1.5"
      onClick={() => void navigator.clipboard.writeText(text).then(() => toast.success(t("panel.copied")))}
    />
  );
}

function Labels({ id }: { id: Id }) {
  const { t } = useTranslation("inbox");
  const { can } = useAccount();
  const change = useChange();
  const names = useInbox((store) => store.conversation(id)?.labels ?? NONE);
  const known = useLabels();
  if (!names.length) return <p className="text-faint">{t("panel.noLabels")}</p>;
  return (
    <ul className="flex flex-wrap gap-1.5">
      {names.map((name) => (
        <li key={name} className="inline-flex h-6 items-center gap-1.5 rounded-full bg-raised px-2 text-xs font-medium">
          <span
            aria-hidden
            className="size-2 rounded-full"
            style={{ background: known.find((label) => label.name === name)?.color ?? "var(--color-faint)" }}
          />
          {name}
          {can("conversations.reply") && (
            <button
              type="button"
              aria-label={t("panel.removeLabel", { name })}
              onClick={() => void change.one(id, changes.labels(names.filter((label) => label !== name)))}
            >
              <X aria-hidden className="size-3" />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

const NONE: string[] = [];

function LabelMenu({ id }: { id: Id }) {
  const { t } = useTranslation("inbox");
  const { can } = useAccount();
  const change = useChange();
  const names = useInbox((store) => store.conversation(id)?.labels ?? NONE);
  const known = useLabels();
  if (!can("conversations.reply") || !known.length) return null;
  return (
    <Menu>
      <MenuTrigger asChild>
        <IconButton label={t("actions.label")} icon={<Plus />} size="sm" />
      </MenuTrigger>
      <MenuContent>
        {known.map(({ id: key, name, color }) => (
          <MenuCheckbox
            key={key}
            checked={names.includes(name)}
            onSelect={(event) => event.preventDefault()}
            onCheckedChange={(isOn) =>
              void change.one(id, changes.labels(isOn ? [...names, name] : names.filter((label) => label !== name)))
            }
          >
            <span className="flex items-center gap-2">
              <span aria-hidden className="size-2 rounded-full" style={{ background: color ?? "var(--color-faint)" }} />
              {name}
            </span>
          </MenuCheckbox>
        ))}
      </MenuContent>
    </Menu>
  );
}
