import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/roots";

const area = createRoute({
  getParentRoute: () => shellRoute,
  id: "sending",
  component: lazyRouteComponent(() => import("./SendingArea"), "SendingArea"),
});

const parent = { getParentRoute: () => area };

const groupMessages = createRoute({
  ...parent,
  path: "/group-messages",
  component: lazyRouteComponent(() => import("./GroupMessagesPage"), "GroupMessagesPage"),
});
const newGroupMessage = createRoute({
  ...parent,
  path: "/group-messages/new",
  component: lazyRouteComponent(() => import("./wizard/WizardPage"), "NewGroupMessagePage"),
});
const groupMessage = createRoute({
  ...parent,
  path: "/group-messages/$groupMessageId",
  component: lazyRouteComponent(() => import("./GroupMessagePage"), "GroupMessagePage"),
});
const draft = createRoute({
  ...parent,
  path: "/group-messages/$groupMessageId/edit",
  component: lazyRouteComponent(() => import("./wizard/WizardPage"), "EditGroupMessagePage"),
});
const templates = createRoute({
  ...parent,
  path: "/templates",
  component: lazyRouteComponent(() => import("../templates/TemplatesPage"), "TemplatesPage"),
});
const newTemplate = createRoute({
  ...parent,
  path: "/templates/new",
  component: lazyRouteComponent(() => import("../templates/TemplatePage"), "NewTemplatePage"),
});
const template = createRoute({
  ...parent,
  path: "/templates/$templateId",
  component: lazyRouteComponent(() => import("../templates/TemplatePage"), "TemplatePage"),
});
const schedules = createRoute({
  ...parent,
  path: "/scheduled-messages",
  component: lazyRouteComponent(() => import("../schedules/SchedulesPage"), "SchedulesPage"),
});
const newSchedule = createRoute({
  ...parent,
  path: "/scheduled-messages/new",
  component: lazyRouteComponent(() => import("../schedules/SchedulePage"), "NewSchedulePage"),
});
const schedule = createRoute({
  ...parent,
  path: "/scheduled-messages/$scheduleId",
  component: lazyRouteComponent(() => import("../schedules/SchedulePage"), "SchedulePage"),
});
const messages = createRoute({
  ...parent,
  path: "/messages",
  component: lazyRouteComponent(() => import("../messages/MessagesPage"), "MessagesPage"),
});
const newMessage = createRoute({
  ...parent,
  path: "/messages/new",
  component: lazyRouteComponent(() => import("../messages/NewMessagePage"), "NewMessagePage"),
});
const limits = createRoute({
  ...parent,
  path: "/sending-limits",
  component: lazyRouteComponent(() => import("./LimitsPage"), "LimitsPage"),
});

/** Group messages, schedules, single messages, and the texts of all of them. */
export const sendingRoutes = area.addChildren([
  groupMessages,
  newGroupMessage,
  groupMessage,
  draft,
  templates,
  newTemplate,
  template,
  schedules,
  newSchedule,
  schedule,
  messages,
  newMessage,
  limits,
]);
