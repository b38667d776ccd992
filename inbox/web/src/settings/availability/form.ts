import { zodResolver } from "@hookform/resolvers/zod";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import type { Schemas } from "@/api/client";
import { CHANNEL_TYPES } from "../common/channels";
import { DAYS, hoursOf, minutesOf, wireOf, type WireHours } from "./hours";

export type Stored = Schemas["PreferenceView"];

/** What routing may give somebody, as the form holds it. */
function schemaOf(t: TFunction<"settings">) {
  const time = z.string().refine((text) => minutesOf(text) !== null, t("errors.time"));
  const hours = z.object({
    limited: z.boolean(),
    timezone: z.string().min(1, t("errors.required")),
    blocks: z.array(z.object({ days: z.array(z.enum(DAYS)).min(1, t("errors.one_day")), start: time, end: time })),
  });
  return z.object({
    max_concurrent_conversations: z.coerce
      .number<number | string>(t("errors.whole_number"))
      .int(t("errors.whole_number"))
      .min(1, t("errors.between", { least: 1, most: 50 }))
      .max(50, t("errors.between", { least: 1, most: 50 })),
    languages: z.array(z.string().regex(/^[a-z]{2,3}$/, t("errors.language"))),
    available_topics: z.array(z.string().max(100, t("errors.too_long", { count: 100 }))),
    available_channels: z.array(z.enum(CHANNEL_TYPES)),
    auto_accept: z.boolean(),
    // hours that do not count are not checked
    hours: z.preprocess((value) => {
      const given = value as { limited: boolean };
      return given.limited ? given : { ...given, blocks: [] };
    }, hours) as unknown as typeof hours,
    notifications: z.object({ sound: z.boolean(), desktop: z.boolean(), email_on_assignment: z.boolean() }),
  });
}

export type Preferences = z.input<ReturnType<typeof schemaOf>>;

export function valuesOf(stored: Stored | null): Preferences {
  const told = (stored?.notification_preferences ?? {}) as Record<string, boolean | undefined>;
  return {
    max_concurrent_conversations: stored?.max_concurrent_conversations ?? 5,
    languages: stored?.languages ?? [],
    available_topics: stored?.available_topics ?? [],
    available_channels: stored?.available_channels ?? [],
    auto_accept: stored?.auto_accept ?? false,
    hours: hoursOf(stored?.available_hours as unknown as WireHours | null | undefined),
    notifications: {
      sound: told.sound ?? true,
      desktop: told.desktop ?? true,
      email_on_assignment: told.email_on_assignment ?? false,
    },
  };
}

export function changeOf({ hours, notifications, ...rest }: Preferences): Schemas["PreferenceChange"] {
  return {
    ...rest,
    max_concurrent_conversations: Number(rest.max_concurrent_conversations),
    available_hours: wireOf(hours),
    notification_preferences: notifications,
  };
}

/** The form's field for one of the hub's. */
export function fieldOf(field: string): string {
  return field
    .replace(/^available_hours\.schedule/, "hours.blocks")
    .replace(/^available_hours/, "hours")
    .replace(/^notification_preferences/, "notifications");
}

export function usePreferencesForm(stored: Stored | null) {
  const { t } = useTranslation("settings");
  const schema = useMemo(() => schemaOf(t), [t]);
  return useForm<Preferences, unknown, Preferences>({
    resolver: zodResolver(schema) as never,
    defaultValues: valuesOf(stored),
  });
}
