import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/roots";

const settings = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./SettingsLayout"), "SettingsLayout"),
});

const parent = { getParentRoute: () => settings };

const profile = createRoute({
  ...parent,
  path: "/profile",
  component: lazyRouteComponent(() => import("./profile/ProfilePage"), "ProfilePage"),
});
const availability = createRoute({
  ...parent,
  path: "/availability",
  component: lazyRouteComponent(() => import("./availability/AvailabilityPage"), "AvailabilityPage"),
});
const channels = createRoute({
  ...parent,
  path: "/channels",
  component: lazyRouteComponent(() => import("./channels/ChannelsPage"), "ChannelsPage"),
});
const newChannel = createRoute({
  ...parent,
  path: "/channels/new",
  component: lazyRouteComponent(() => import("./channels/NewChannelPage"), "NewChannelPage"),
});
const channel = createRoute({
  ...parent,
  path: "/channels/$channelId",
  component: lazyRouteComponent(() => import("./channels/ChannelPage"), "ChannelPage"),
});
const webchats = createRoute({
  ...parent,
  path: "/webchat",
  component: lazyRouteComponent(() => import("./webchat/WebchatsPage"), "WebchatsPage"),
});
const newWebchat = createRoute({
  ...parent,
  path: "/webchat/new",
  component: lazyRouteComponent(() => import("./webchat/WebchatPage"), "NewWebchatPage"),
});
const webchat = createRoute({
  ...parent,
  path: "/webchat/$channelId",
  component: lazyRouteComponent(() => import("./webchat/WebchatPage"), "WebchatPage"),
});
const canned = createRoute({
  ...parent,
  path: "/canned-responses",
  component: lazyRouteComponent(() => import("./canned/CannedPage"), "CannedPage"),
});
const labels = createRoute({
  ...parent,
  path: "/labels",
  component: lazyRouteComponent(() => import("./labels/LabelsPage"), "LabelsPage"),
});
const botRules = createRoute({
  ...parent,
  path: "/bot-rules",
  component: lazyRouteComponent(() => import("./bot-rules/RulesPage"), "RulesPage"),
});
const newBotRule = createRoute({
  ...parent,
  path: "/bot-rules/new",
  component: lazyRouteComponent(() => import("./bot-rules/RulePage"), "NewRulePage"),
});
const botRule = createRoute({
  ...parent,
  path: "/bot-rules/$ruleId",
  component: lazyRouteComponent(() => import("./bot-rules/RulePage"), "RulePage"),
});
const agents = createRoute({
  ...parent,
  path: "/agents",
  component: lazyRouteComponent(() => import("./agents/AgentsPage"), "AgentsPage"),
});
const agent = createRoute({
  ...parent,
  path: "/agents/$userId",
  component: lazyRouteComponent(() => import("./agents/AgentPage"), "AgentPage"),
});
const teams = createRoute({
  ...parent,
  path: "/teams",
  component: lazyRouteComponent(() => import("./teams/TeamsPage"), "TeamsPage"),
});
const roles = createRoute({
  ...parent,
  path: "/roles",
  component: lazyRouteComponent(() => import("./roles/RolesPage"), "RolesPage"),
});
const account = createRoute({
  ...parent,
  path: "/account",
  component: lazyRouteComponent(() => import("./account/AccountPage"), "AccountPage"),
});
const apiKeys = createRoute({
  ...parent,
  path: "/api-keys",
  component: lazyRouteComponent(() => import("./api-keys/ApiKeysPage"), "ApiKeysPage"),
});

/** Only light route definitions belong in this file: it is part of the first chunk. Pages are loaded when visited. */
export const settingsRoutes = settings.addChildren([
  profile,
  availability,
  channels,
  newChannel,
  channel,
  webchats,
  newWebchat,
  webchat,
  canned,
  labels,
  botRules,
  newBotRule,
  botRule,
  agents,
  agent,
  teams,
  roles,
  account,
  apiKeys,
]);
