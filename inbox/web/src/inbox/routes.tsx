import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";

import { shellRoute } from "@/app/roots";
import { SORTS } from "./store/query";

const STATUSES = ["open", "bot", "assigned", "pending", "resolved", "closed"] as const;
const CHANNELS = ["sms", "smpp", "telegram", "whatsapp", "messenger", "email", "webchat"] as const;
const PRIORITIES = ["low", "normal", "high", "urgent"] as const;

/** The address tells the whole state of the list; what makes no sense in it is left out. */
const search = z.object({
  q: z.string().optional().catch(undefined),
  // a list of one is written like a word
  status: z
    .preprocess((value) => (typeof value === "string" ? [value] : value), z.array(z.enum(STATUSES)).optional())
    .catch(undefined),
  channel: z.enum(CHANNELS).optional().catch(undefined),
  priority: z.enum(PRIORITIES).optional().catch(undefined),
  label: z.string().optional().catch(undefined),
  assignee: z.string().optional().catch(undefined),
  sort: z.enum(SORTS).optional().catch(undefined),
});

export type InboxSearch = z.infer<typeof search>;

/** `/inbox/mine`, `/inbox/TEAM-ID`, `/inbox/mine/CONVERSATION-ID`. */
const inbox = createRoute({
  getParentRoute: () => shellRoute,
  path: "/inbox/$view",
  validateSearch: search,
  component: lazyRouteComponent(() => import("./InboxPage"), "InboxPage"),
});

const conversation = createRoute({ getParentRoute: () => inbox, path: "/$conversation" });

export const inboxRoutes = inbox.addChildren([conversation]);
export const FILTERS = { STATUSES, CHANNELS, PRIORITIES };
