import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, data, page, type Schemas } from "@/api/client";
import { useGroups } from "@/api/lookups";
import { channelOptions } from "@/settings/common/channels";
import type { ListParams } from "@/settings/common/list-page";
import type { FilterField } from "@/ui";

export type Contact = Schemas["ContactView"];

/** How somebody is called who has no name. */
export const shownName = ({ name, phone, email }: Pick<Contact, "name" | "phone" | "email">) =>
  name || phone || email || "—";

export const contacts = {
  list: (query: ListParams) => page(api.GET("/v1/contacts", { params: { query } })),
  one: (id: string) => data(api.GET("/v1/contacts/{id}", { params: { path: { id } } })),
};

/** What contacts are found by; a segment may also say a time from today. */
export function useContactFields(kind: "list" | "segment"): FilterField[] {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const groups = useGroups();
  return useMemo<FilterField[]>(() => {
    const time = kind === "segment" ? ("since" as const) : ("date" as const);
    return [
      { name: "name", label: t("fields.name"), kind: "text" },
      { name: "phone", label: t("fields.phone"), kind: "text" },
      { name: "email", label: t("fields.email"), kind: "text" },
      { name: "tags", label: t("fields.tag"), kind: "tags" },
      { name: "properties", label: t("fields.property"), kind: "property" },
      {
        name: "group_id",
        label: t("fields.group"),
        kind: "member",
        options: groups.map(({ id, name }) => ({ value: id, label: name })),
      },
      {
        name: "preferred_channel_type",
        label: t("fields.preferred_channel"),
        kind: "select",
        options: channelOptions(settings),
      },
      { name: "preferred_language", label: t("fields.language"), kind: "select", options: LANGUAGES },
      { name: "is_active", label: t("fields.is_active"), kind: "boolean" },
      { name: "last_activity_at", label: t("fields.last_activity"), kind: time },
      { name: "created_at", label: t("fields.created"), kind: time },
    ];
  }, [t, settings, groups, kind]);
}

const LANGUAGES = ["am", "ar", "en", "fr", "om", "so", "sw", "ti"].map((value) => ({ value, label: value }));
