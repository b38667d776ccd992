import { api, data, done, page, type Schemas } from "@/api/client";
import type { ListParams } from "@/settings/common/list-page";
import type { Tone } from "@/ui";

export type Schedule = Schemas["Many_ScheduleView"]["data"][number];
export type Status = Schemas["ScheduleStatus"];
export type Change = Schemas["UpdateSchedule"];

export const STATUSES = ["pending", "triggered", "completed", "failed", "cancelled", "paused"] as const;

export const statusTone: Record<Status, Tone> = {
  pending: "blue",
  triggered: "orange",
  completed: "green",
  failed: "red",
  cancelled: "neutral",
  paused: "orange",
};

export const isOpen = (status: Status) => status === "pending" || status === "paused";
export const isOver = (status: Status) => status === "completed" || status === "failed" || status === "cancelled";

export const schedules = {
  list: (query: ListParams) => page(api.GET("/v1/scheduled-messages", { params: { query } })),
  one: (id: string) => data(api.GET("/v1/scheduled-messages/{id}", { params: { path: { id } } })),
  change: (id: string, body: Change) =>
    data(api.PATCH("/v1/scheduled-messages/{id}", { params: { path: { id } }, body })),
  remove: (id: string) => done(api.DELETE("/v1/scheduled-messages/{id}", { params: { path: { id } } })),
};
