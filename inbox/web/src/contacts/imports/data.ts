import { api, data, page, type Schemas } from "@/api/client";
import { CHANNEL_TYPES } from "@/settings/common/channels";
import type { ListParams } from "@/settings/common/list-page";
import type { Tone } from "@/ui";

export type Import = Schemas["Many_ImportView"]["data"][number];

export const imports = {
  list: (query: ListParams) => page(api.GET("/v1/contact-imports", { params: { query } })),
  one: (id: string) => data(api.GET("/v1/contact-imports/{id}", { params: { path: { id } } })),
};

export const isRunning = ({ status }: Pick<Import, "status">) => status === "queued" || status === "processing";

const TONES: Record<string, Tone> = {
  queued: "neutral",
  processing: "blue",
  completed: "green",
  failed: "red",
  cancelled: "neutral",
};
export const statusTone = (status: string): Tone => TONES[status] ?? "neutral";

/** 0 to 100. */
export const percentOf = ({ done_bytes, total_bytes, status }: Import): number =>
  status === "completed" ? 100 : total_bytes === 0 ? 0 : Math.min(100, Math.round((done_bytes / total_bytes) * 100));

/** Where the cells of a column can go, beside properties of any name. */
export const TARGETS = [
  "name",
  "first_name",
  "last_name",
  "phone",
  "email",
  "tags",
  "preferred_language",
  "preferred_channel_type",
  ...CHANNEL_TYPES.filter((type) => type !== "webchat").map((type) => `identifier.${type}`),
];

export const IGNORE = "ignore";
export const PROPERTY = "properties.";

/** What keeps a mapping from being used: two columns of one kind, or nothing that says who it is. */
export function fault(mapping: Record<string, string>): "same" | "nobody" | "unnamed" | null {
  const targets = Object.values(mapping).filter((target) => target !== IGNORE);
  if (targets.includes(PROPERTY)) return "unnamed";
  if (new Set(targets).size < targets.length) return "same";
  const says = ["name", "first_name", "last_name", "phone", "email"];
  return targets.some((target) => says.includes(target) || target.startsWith("identifier.")) ? null : "nobody";
}
