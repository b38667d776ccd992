import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useTranslation } from "react-i18next";

import { api, data, done, page } from "@/api/client";
import { useGroups } from "@/api/lookups";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import { Button, Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger, useReadOnly } from "@/ui";
import type { Contact } from "./data";
import { Part } from "./Details";

/** The groups that the contact is in, as its timeline tells them. */
export function Memberships({ contact }: { contact: Contact }) {
  const { t } = useTranslation("people");
  const readOnly = useReadOnly();
  const changed = useChanged();
  const attempt = useAttempt();
  const groups = useGroups();
  const { data: found } = useQuery({
    queryKey: ["timeline", contact.id, "groups"],
    queryFn: () =>
      page(api.GET("/v1/contacts/{id}/timeline", { params: { path: { id: contact.id }, query: { limit: 200 } } })),
    select: (told) => told.data.filter(({ kind }) => kind === "group"),
  });
  const inThem = new Set(found?.map(({ id }) => id));
  const others = groups.filter(({ id }) => !inThem.has(id));
  const kinds = ["timeline", "groups"];
  const join = (id: string) =>
    attempt(async () => {
      const body = { contact_ids: [contact.id] };
      await data(api.POST("/v1/groups/{id}/contacts", { params: { path: { id } }, body }));
      await changed(kinds);
    });
  const leave = (id: string) =>
    attempt(async () => {
      const path = { id, contact_id: contact.id };
      await done(api.DELETE("/v1/groups/{id}/contacts/{contact_id}", { params: { path } }));
      await changed(kinds);
    });
  return (
    <Part
      title={t("groups.title")}
      action={
        !readOnly && (
          <Menu>
            <MenuTrigger asChild>
              <Button size="sm" icon={<Plus aria-hidden className="size-4" />}>
                {t("groups.join")}
              </Button>
            </MenuTrigger>
            <MenuContent>
              {others.length === 0 && <MenuLabel>{t("bulk.no_groups")}</MenuLabel>}
              {others.map(({ id, name }) => (
                <MenuItem key={id} onSelect={() => void join(id)}>
                  {name}
                </MenuItem>
              ))}
            </MenuContent>
          </Menu>
        )
      }
    >
      {found?.length === 0 && <p className="text-muted">{t("groups.in_none")}</p>}
      <ul className="flex flex-wrap gap-1.5">
        {found?.map(({ id, title }) => (
          <li key={id} className="inline-flex items-center gap-1 rounded-lg bg-raised pl-2.5 text-[0.8125rem]">
            <span className="py-1 pr-1.5">{title}</span>
            {!readOnly && (
              <button
                type="button"
                aria-label={t("groups.leave", { name: title })}
                onClick={() => void leave(id)}
                className="flex size-7 items-center justify-center rounded-lg text-muted hover:text-ink"
              >
                <X aria-hidden className="size-3.5" />
              </button>
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}
