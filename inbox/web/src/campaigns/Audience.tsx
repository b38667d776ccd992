import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Filter, Users, X } from "lucide-react";
import { useTranslation } from "react-i18next";

import { api, page } from "@/api/client";
import { useGroups, useSegments } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { ContactPicker } from "@/contacts/ContactPicker";
import { contacts, shownName } from "@/contacts/data";
import { Checkbox, EmptyState, Field, useReadOnly } from "@/ui";

/** To whom: groups and segments, without some. */
export interface AudienceValue {
  contact_group_ids: string[];
  segment_ids: string[];
  exclude_contact_ids: string[];
}

export const NOBODY: AudienceValue = { contact_group_ids: [], segment_ids: [], exclude_contact_ids: [] };

export const isChosen = (value: AudienceValue) => value.contact_group_ids.length + value.segment_ids.length > 0;

interface AudienceProps {
  value: AudienceValue;
  onChange: (value: AudienceValue) => void;
}

const toggled = (ids: string[], id: string, yes: boolean) => (yes ? [...ids, id] : ids.filter((one) => one !== id));

export function Audience({ value, onChange }: AudienceProps) {
  const { t, i18n } = useTranslation("sending");
  const groups = useGroups();
  const segments = useSegments();
  const readOnly = useReadOnly();
  const number = new Intl.NumberFormat(i18n.language);
  if (groups.length + segments.length === 0) {
    return (
      <EmptyState
        icon={<Users />}
        title={t("audience.none")}
        text={
          <>
            {t("audience.none_text")}{" "}
            <Link to="/groups" className="text-blue underline">
              {t("audience.to_groups")}
            </Link>
          </>
        }
      />
    );
  }
  const counted = groups
    .filter(({ id }) => value.contact_group_ids.includes(id))
    .reduce((sum, { member_count }) => sum + member_count, 0);
  return (
    <div className="flex flex-col gap-5">
      {groups.length > 0 && (
        <Field label={t("audience.groups")} group>
          <ul className="grid gap-2 sm:grid-cols-2">
            {groups.map(({ id, name, member_count }) => (
              <li key={id} className="flex items-center gap-2 rounded-lg border border-line px-3 py-2">
                <Checkbox
                  className="min-w-0 flex-1"
                  label={name}
                  checked={value.contact_group_ids.includes(id)}
                  onChange={(yes) =>
                    onChange({ ...value, contact_group_ids: toggled(value.contact_group_ids, id, yes) })
                  }
                />
                <span className="inline-flex items-center gap-1 text-xs text-muted tabular-nums">
                  <Users aria-hidden className="size-3.5" />
                  {number.format(member_count)}
                </span>
              </li>
            ))}
          </ul>
        </Field>
      )}
      {segments.length > 0 && (
        <Field label={t("audience.segments")} group>
          <ul className="grid gap-2 sm:grid-cols-2">
            {segments.map(({ id, name }) => (
              <li key={id} className="flex items-center gap-2 rounded-lg border border-line px-3 py-2">
                <Checkbox
                  className="min-w-0 flex-1"
                  label={name}
                  checked={value.segment_ids.includes(id)}
                  onChange={(yes) => onChange({ ...value, segment_ids: toggled(value.segment_ids, id, yes) })}
                />
                <SegmentCount id={id} />
              </li>
            ))}
          </ul>
        </Field>
      )}
      {counted > 0 && <p className="text-muted">{t("audience.counted", { count: counted })}</p>}
      <Field label={t("audience.excluded")} hint={t("audience.excluded_hint")} group>
        <ul className="flex flex-wrap gap-1.5 empty:hidden">
          {value.exclude_contact_ids.map((id) => (
            <li key={id} className="inline-flex items-center rounded-lg bg-raised pl-2.5 text-[0.8125rem]">
              <ContactName id={id} />
              {!readOnly && (
                <button
                  type="button"
                  aria-label={t("audience.include_again")}
                  onClick={() =>
                    onChange({ ...value, exclude_contact_ids: toggled(value.exclude_contact_ids, id, false) })
                  }
                  className="flex size-7 items-center justify-center rounded-lg text-muted hover:text-ink"
                >
                  <X aria-hidden className="size-3.5" />
                </button>
              )}
            </li>
          ))}
        </ul>
        {!readOnly && (
          <span className="self-start">
            <ContactPicker
              label={t("audience.exclude")}
              without={value.exclude_contact_ids}
              onPick={({ id }) =>
                onChange({ ...value, exclude_contact_ids: toggled(value.exclude_contact_ids, id, true) })
              }
            />
          </span>
        )}
      </Field>
    </div>
  );
}

function ContactName({ id }: { id: string }) {
  const { data: contact } = useQuery({ queryKey: ["contacts", id], queryFn: () => contacts.one(id) });
  return <span className="py-1 pr-1">{contact ? shownName(contact) : "…"}</span>;
}

/** How many a segment holds now. */
export function SegmentCount({ id }: { id: string }) {
  const { t, i18n } = useTranslation("sending");
  const { account } = useAccount();
  const { data: meta } = useQuery({
    queryKey: ["segments", "count", id, account.account_id],
    queryFn: () => page(api.GET("/v1/segments/{id}/contacts", { params: { path: { id }, query: { limit: 1 } } })),
    select: (told) => told.meta,
  });
  return (
    <span className="inline-flex items-center gap-1 text-xs text-muted tabular-nums" title={t("audience.segment")}>
      <Filter aria-hidden className="size-3.5" />
      {meta ? meta.total.toLocaleString(i18n.language) + (meta.total_is_minimum ? "+" : "") : "…"}
    </span>
  );
}
