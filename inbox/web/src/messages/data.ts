import { api, data, page, type Schemas } from "@/api/client";
import type { ListParams } from "@/settings/common/list-page";
import type { Tone } from "@/ui";

export type Message = Schemas["MessageView"];
export type Status = Schemas["MessageStatus"];

export const STATUSES = [
  "scheduled",
  "queued",
  "sending",
  "sent",
  "delivered",
  "failed",
  "permanently_failed",
  "unknown",
  "cancelled",
] as const;

export const DIRECTIONS = ["outbound", "inbound", "system"] as const;

export const statusTone: Record<Status, Tone> = {
  scheduled: "blue",
  queued: "neutral",
  sending: "orange",
  sent: "blue",
  delivered: "green",
  failed: "red",
  permanently_failed: "red",
  unknown: "orange",
  cancelled: "neutral",
};

/** A customer's message was not sent by us; how it stands says nothing. */
export const standingOf = ({ direction, status, read_at }: Message): Status | "read" | null =>
  direction === "outbound" ? (read_at ? "read" : status) : null;

export const isUnderWay = ({ direction, status }: Message) =>
  direction === "outbound" && (status === "queued" || status === "sending");
export const canRetry = ({ status }: Message) =>
  status === "failed" || status === "permanently_failed" || status === "unknown";

/** Short codes are numbers, too. */
const PHONE = /^\+?\d[\d ().-]{2,24}$/;
const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** What is wrong with an address on a channel of this type, as far as its form says. */
export function misfit(address: string, channel_type: string | undefined): "phone" | "email" | null {
  if (channel_type === "email") return MAIL.test(address) ? null : "email";
  const isPhone = channel_type === "sms" || channel_type === "smpp" || channel_type === "whatsapp";
  return isPhone && !PHONE.test(address) ? "phone" : null;
}

const path = (id: string) => ({ params: { path: { id } } });

export const messages = {
  list: (query: ListParams) => page(api.GET("/v1/messages", { params: { query } })),
  one: (id: string) => data(api.GET("/v1/messages/{id}", path(id))),
  retry: (id: string) => data(api.POST("/v1/messages/{id}/retry", path(id))),
  cancel: (id: string) => data(api.POST("/v1/messages/{id}/cancel", path(id))),
};
