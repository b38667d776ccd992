import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import type { Schemas } from "@/api/client";
import { rules } from "../common/rules";
import { allCredentials, allSettings, modelOf, type Channel, type FormModel, type Profile } from "./data";
import { patchOf, rulesOf, valuesOf, wireOf, type Values } from "./schema";

/** What every channel has, as the form holds it: empty boxes are empty texts. */
export interface ChannelValues {
  name: string;
  credentials: Values;
  settings: Values;
  sender_name: string;
  default_country_code: string;
  rate_limit: string | number | null;
  priority: string | number | null;
  retry_count: string | number | null;
  retry_interval: string | number | null;
  silence_hours: string | number | null;
}

/** What an empty box of a number means. */
export const numberOf = (value: string | number | null): number | null =>
  value === "" || value === null ? null : Number(value);

function commonOf(values: ChannelValues) {
  return {
    name: values.name,
    sender_name: values.sender_name || null,
    default_country_code: values.default_country_code || null,
    rate_limit: numberOf(values.rate_limit),
    priority: numberOf(values.priority) ?? 0,
    retry_count: numberOf(values.retry_count),
    retry_interval: numberOf(values.retry_interval),
    silence_hours: numberOf(values.silence_hours),
  };
}

export function newChannelOf(profile: Profile, model: FormModel, values: ChannelValues): Schemas["NewChannel"] {
  return {
    ...commonOf(values),
    channel_type: profile.channel_type,
    provider: profile.provider,
    credentials: wireOf(allCredentials(model), values.credentials),
    settings: wireOf(allSettings(model), values.settings),
  };
}

export function changeOf(channel: Channel, model: FormModel, values: ChannelValues): Schemas["UpdateChannel"] {
  const credentials = patchOf(allCredentials(model), values.credentials, channel.credentials as Values);
  const settings = patchOf(allSettings(model), values.settings, channel.settings as Values);
  return {
    ...commonOf(values),
    ...(Object.keys(credentials).length && { credentials }),
    ...(Object.keys(settings).length && { settings }),
  };
}

export function useChannelForm(profile: Profile, channel: Channel | null) {
  const { t } = useTranslation("settings");
  const model = useMemo(() => modelOf(profile, (channel?.credentials ?? {}) as Values), [profile, channel]);
  const schema = useMemo(() => {
    const rule = rules(t);
    return z.object({
      name: rule.text(255),
      credentials: rulesOf(allCredentials(model), t),
      settings: rulesOf(allSettings(model), t),
      sender_name: rule.optional(255),
      default_country_code: z
        .string()
        .trim()
        .regex(/^(\+\d{1,4})?$/, t("channels.country_code_rule")),
      rate_limit: rule.number(1, 1_000_000),
      priority: rule.number(-1000, 1000),
      retry_count: rule.number(0, 100),
      retry_interval: rule.number(1, 86_400),
      silence_hours: rule.number(0, 2160),
    });
  }, [t, model]);
  const form = useForm<ChannelValues, unknown, ChannelValues>({
    resolver: zodResolver(schema) as never,
    defaultValues: channelValues(model, channel),
  });
  return { form, model };
}

export function channelValues(model: FormModel, channel: Channel | null): ChannelValues {
  return {
    name: channel?.name ?? "",
    credentials: valuesOf(allCredentials(model), (channel?.credentials ?? {}) as Values),
    settings: valuesOf(allSettings(model), (channel?.settings ?? {}) as Values),
    sender_name: channel?.sender_name ?? "",
    default_country_code: channel?.default_country_code ?? "",
    rate_limit: channel?.rate_limit ?? "",
    priority: channel?.priority ?? 0,
    retry_count: channel?.retry_count ?? "",
    retry_interval: channel?.retry_interval ?? "",
    silence_hours: channel?.silence_hours ?? "",
  };
}
