import type { TFunction } from "i18next";
import { z } from "zod";

import type { Schemas } from "@/api/client";
import { localTime, moments } from "@/inbox/composer/later";
import { rules } from "@/settings/common/rules";
import { isChosen, type AudienceValue } from "../Audience";
import { isWritten, sentContent, type ContentValue } from "../Content";
import type { GroupMessage } from "../data";
import { audienceOf, contentOf, PREFERRED } from "../fields";
import { FASTEST } from "../RateDialog";

export const STEPS = ["audience", "content", "sending", "check"] as const;
export type Step = (typeof STEPS)[number];

export interface Values {
  audience: AudienceValue;
  content: ContentValue;
  name: string;
  channel_id: string;
  rate_per_minute: number | null;
  canary: boolean;
  canary_percent: number | null;
  canary_max_failure_percent: number | null;
  when: "now" | "later";
  /** In the reader's own zone. */
  scheduled_at: string;
}

/** The fields that each step asks for. */
export const FIELDS: Record<Step, (keyof Values)[]> = {
  audience: ["audience"],
  content: ["content"],
  sending: [
    "name",
    "channel_id",
    "rate_per_minute",
    "canary",
    "canary_percent",
    "canary_max_failure_percent",
    "when",
    "scheduled_at",
  ],
  check: [],
};

export const stepOf = (field: string): Step =>
  STEPS.find((step) => FIELDS[step].some((one) => one === field)) ?? "check";

export function schemaOf(t: TFunction<"sending">, settings: TFunction<"settings">) {
  const { number } = rules(settings);
  return z
    .object({
      audience: z.custom<AudienceValue>().refine(isChosen, t("audience.required")),
      content: z.custom<ContentValue>().refine(isWritten, t("content.required")),
      name: z
        .string()
        .trim()
        .max(255, settings("errors.too_long", { count: 255 })),
      channel_id: z.string(),
      rate_per_minute: number(1, FASTEST),
      canary: z.boolean(),
      canary_percent: number(1, 50),
      canary_max_failure_percent: number(0, 100),
      when: z.enum(["now", "later"]),
      scheduled_at: z.string(),
    })
    .superRefine((values, refuse) => {
      if (values.canary && values.canary_percent === null) {
        refuse.addIssue({ code: "custom", path: ["canary_percent"], message: settings("errors.required") });
      }
      if (values.when === "later" && !(Date.parse(values.scheduled_at) > Date.now())) {
        refuse.addIssue({ code: "custom", path: ["scheduled_at"], message: t("sending.past") });
      }
    });
}

/** What the form begins with; a new one may be for a group that was come from. */
export function valuesOf(
  message: GroupMessage | null,
  template: Schemas["TemplateView"] | null,
  group?: string | undefined,
): Values {
  const audience = audienceOf(message);
  return {
    audience: group && !message ? { ...audience, contact_group_ids: [group] } : audience,
    content: contentOf(message, template),
    name: message?.name ?? "",
    channel_id: message?.channel_id ?? PREFERRED,
    rate_per_minute: message?.rate_per_minute ?? null,
    canary: message?.canary_percent != null,
    canary_percent: message?.canary_percent ?? 5,
    canary_max_failure_percent: message?.canary_max_failure_percent ?? 10,
    when: message?.scheduled_at ? "later" : "now",
    scheduled_at: localTime(message?.scheduled_at ? new Date(message.scheduled_at) : moments(new Date())[0]!.at),
  };
}

/** A number as it is typed; an empty box is none. */
const typed = (value: unknown): number | null => (value === "" || value == null ? null : Number(value));

/** The form as the hub takes it, as it stands while it is filled in too. */
export function sent(values: Values) {
  return {
    ...values.audience,
    ...sentContent(values.content),
    name: values.name.trim() || null,
    channel_id: values.channel_id === PREFERRED ? null : values.channel_id,
    rate_per_minute: typed(values.rate_per_minute),
    canary_percent: values.canary ? typed(values.canary_percent) : null,
    canary_max_failure_percent: values.canary ? typed(values.canary_max_failure_percent) : null,
    scheduled_at: values.when === "later" ? new Date(values.scheduled_at).toISOString() : null,
  };
}
