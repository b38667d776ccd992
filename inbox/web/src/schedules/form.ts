import type { TFunction } from "i18next";
import { z } from "zod";

import { isChosen, NOBODY, type AudienceValue } from "@/campaigns/Audience";
import { isWritten, sentContent, type ContentValue } from "@/campaigns/Content";
import { audienceOf, contentOf, PREFERRED, sharedFieldOf } from "@/campaigns/fields";
import { rules } from "@/settings/common/rules";
import type { Template } from "@/templates/data";
import type { Schedule } from "./data";
import { formatRule, isWhole, parseRule, type Repeat } from "./rule";
import { momentOf, wallOf } from "./zoned";

const HOUR = 3600;

export interface Values {
  name: string;
  send_type: "single" | "group";
  channel_id: string;
  delivery_address: string;
  contact_id: string;
  audience: AudienceValue;
  content: ContentValue;
  day: string;
  time: string;
  timezone: string;
  repeat: Repeat;
  ends: "never" | "date" | "count";
  last_day: string;
  recurrence_count: number | null;
  recipient_timezone: boolean;
  cancel_on_reply: boolean;
  missed_policy: "skip" | "one" | "all";
  missed_cap: number | null;
  /** Minutes. */
  max_lateness: number | null;
}

/** The field of the form for one of the hub's. */
export function fieldOf(field: string): string | null {
  const own: Record<string, string> = {
    scheduled_at: "time",
    recurrence_rule: "repeat",
    is_recurring: "repeat",
    recurrence_end_at: "last_day",
    max_lateness_seconds: "max_lateness",
  };
  return own[field] ?? sharedFieldOf(field);
}

export const firstAt = ({ day, time, timezone }: Pick<Values, "day" | "time" | "timezone">) =>
  momentOf(`${day}T${time}`, timezone);

/** The end of the last day, on the clocks of the schedule's zone. */
export const endOf = ({ ends, last_day, timezone, repeat }: Values): string | null =>
  repeat.kind !== "once" && ends === "date" ? (momentOf(`${last_day}T23:59`, timezone)?.toISOString() ?? null) : null;

export function schemaOf(t: TFunction<"sending">, settings: TFunction<"settings">) {
  const { number } = rules(settings);
  return z
    .object({
      name: z
        .string()
        .trim()
        .max(255, settings("errors.too_long", { count: 255 })),
      send_type: z.enum(["single", "group"]),
      channel_id: z.string(),
      delivery_address: z.string().trim(),
      contact_id: z.string(),
      audience: z.custom<AudienceValue>(),
      content: z.custom<ContentValue>().refine(isWritten, t("content.required")),
      day: z.string().min(1, settings("errors.required")),
      time: z.string().min(1, settings("errors.required")),
      timezone: z.string().min(1, settings("errors.required")),
      repeat: z.custom<Repeat>().refine(isWhole, t("schedules.repeat_required")),
      ends: z.enum(["never", "date", "count"]),
      last_day: z.string(),
      recurrence_count: number(1, 10_000),
      recipient_timezone: z.boolean(),
      cancel_on_reply: z.boolean(),
      missed_policy: z.enum(["skip", "one", "all"]),
      missed_cap: number(1, 100),
      max_lateness: number(1, 60 * 24 * 30),
    })
    .superRefine((values, refuse) => {
      const issue = (path: keyof Values, message: string) => refuse.addIssue({ code: "custom", path: [path], message });
      if (values.send_type === "group" && !isChosen(values.audience)) issue("audience", t("audience.required"));
      if (values.send_type === "single") {
        if (values.channel_id === PREFERRED) issue("channel_id", t("sending.choose_channel"));
        if (!values.delivery_address && !values.contact_id) issue("delivery_address", t("schedules.address_required"));
      }
      if (values.repeat.kind === "once") return;
      if (values.ends === "date" && values.last_day < values.day) issue("last_day", t("schedules.ends_before"));
      if (values.ends === "count" && values.recurrence_count === null) {
        issue("recurrence_count", settings("errors.required"));
      }
    });
}

/** What the form begins with: for a new one the next full hour. */
export function valuesOf(schedule: Schedule | null, template: Template | null, zone: string, now = new Date()): Values {
  const timezone = schedule?.timezone ?? zone;
  const soon = new Date(Math.ceil((now.getTime() + 60_000) / 3_600_000) * 3_600_000);
  const [day = "", time = ""] = wallOf(schedule ? new Date(schedule.scheduled_at) : soon, timezone).split("T");
  const end = schedule?.recurrence_end_at ? wallOf(new Date(schedule.recurrence_end_at), timezone).slice(0, 10) : "";
  return {
    name: schedule?.name ?? "",
    send_type: schedule?.send_type ?? "group",
    channel_id: schedule?.channel_id ?? PREFERRED,
    delivery_address: schedule?.delivery_address ?? "",
    contact_id: schedule?.contact_id ?? "",
    audience: audienceOf(schedule),
    content: contentOf(schedule, template),
    day,
    time,
    timezone,
    repeat: parseRule(schedule?.recurrence_rule ?? null),
    ends: schedule?.recurrence_end_at ? "date" : schedule?.recurrence_count ? "count" : "never",
    last_day: end,
    recurrence_count: schedule?.recurrence_count ?? null,
    recipient_timezone: schedule?.recipient_timezone ?? false,
    cancel_on_reply: schedule?.cancel_on_reply ?? false,
    missed_policy: schedule?.missed_policy ?? "one",
    missed_cap: schedule?.missed_cap ?? null,
    max_lateness: schedule ? Math.round(schedule.max_lateness_seconds / 60) : HOUR / 60,
  };
}

/** The form as the hub takes it; `before`: the text that a stored one has already. */
export function sent(values: Values, before: Template | null) {
  const isGroup = values.send_type === "group";
  const isRecurring = values.repeat.kind !== "once";
  const { message_body, ...content } = sentContent(values.content) as ReturnType<typeof sentContent> & {
    message_body?: string;
  };
  return {
    ...content,
    // the same text again would become another template
    ...(message_body !== undefined && message_body !== before?.body && { message_body }),
    ...(isGroup ? values.audience : NOBODY),
    name: values.name.trim() || null,
    channel_id: values.channel_id === PREFERRED ? null : values.channel_id,
    delivery_address: isGroup ? null : values.delivery_address || null,
    contact_id: isGroup ? null : values.contact_id || null,
    scheduled_at: firstAt(values)?.toISOString() ?? "",
    timezone: values.timezone,
    is_recurring: isRecurring,
    recurrence_rule: formatRule(values.repeat),
    recurrence_end_at: endOf(values),
    recurrence_count: isRecurring && values.ends === "count" ? values.recurrence_count : null,
    recipient_timezone: isGroup && values.recipient_timezone,
    cancel_on_reply: !isGroup && values.cancel_on_reply,
    missed_policy: values.missed_policy,
    ...(values.missed_policy === "all" && values.missed_cap !== null && { missed_cap: values.missed_cap }),
    ...(values.max_lateness !== null && { max_lateness_seconds: values.max_lateness * 60 }),
  };
}
