import { ApiError, type Schemas } from "@/api/client";
import type { Mistake } from "@/settings/common/text-with-variables";
import type { Tone } from "@/ui";

export type Template = Schemas["TemplateView"];

export const MOST = 10_000;
export const STRATEGIES = ["keep_placeholder", "use_default", "skip_contact"] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** Where the hub stopped reading a text, if that is why it refused. */
export function mistakeOf(error: unknown): Mistake | null {
  if (!(error instanceof ApiError) || typeof error.details.position !== "number") return null;
  return { message: Object.values(error.fields)[0] ?? error.message, position: error.details.position };
}

const TONES: Record<string, Tone> = { approved: "green", pending: "orange", rejected: "red" };
export const approvalTone = (status: string): Tone => TONES[status] ?? "neutral";

const QUALITIES: Record<string, Tone> = { green: "green", yellow: "orange", red: "red" };
export const qualityTone = (quality: string): Tone => QUALITIES[quality] ?? "neutral";

/** The category of templates that the hub made of texts that were written for one message. */
export const OF_ONE = "auto-generated";

/** Templates to choose from for a channel type. */
export const usable = (templates: Template[], channel_type: string | null | undefined): Template[] =>
  templates.filter((one) => one.is_active && (!one.channel_type || !channel_type || one.channel_type === channel_type));
