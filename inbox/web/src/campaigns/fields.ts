import type { Schemas } from "@/api/client";
import { OF_ONE } from "@/templates/data";
import { NOBODY, type AudienceValue } from "./Audience";
import { NOTHING, type ContentValue } from "./Content";

/** Of a channel: none, each contact's own. Radix gives no item the empty value. */
export const PREFERRED = "preferred";

/** What group messages and schedules have in common. */
type Stored = Pick<
  Schemas["Many_GroupMessageView"]["data"][number],
  "contact_group_ids" | "segment_ids" | "exclude_contact_ids" | "template_id" | "custom_values"
>;

export const audienceOf = (stored: Stored | null): AudienceValue =>
  stored
    ? {
        contact_group_ids: stored.contact_group_ids,
        segment_ids: stored.segment_ids,
        exclude_contact_ids: stored.exclude_contact_ids,
      }
    : NOBODY;

/** A text that was written for this message alone is shown as a text again. */
export function contentOf(stored: Stored | null, template: Schemas["TemplateView"] | null): ContentValue {
  if (!stored) return NOTHING;
  const isOwn = template?.category === OF_ONE;
  return {
    source: isOwn ? "text" : "template",
    template_id: isOwn ? "" : (stored.template_id ?? ""),
    message_body: isOwn ? template.body : "",
    custom_values: stored.custom_values as Record<string, string>,
  };
}

/** The field of the form for one of the hub's, where several of these are one of those. */
export function sharedFieldOf(field: string): string {
  if (["contact_group_ids", "segment_ids", "exclude_contact_ids"].includes(field)) return "audience";
  if (["template_id", "message_body"].includes(field) || field.startsWith("custom_values")) return "content";
  return field;
}
