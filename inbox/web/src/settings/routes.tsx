import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/roots";

const settings = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./SettingsLayout"), "SettingsLayout"),
});

const labels = createRoute({
  getParentRoute: () => settings,
  path: "/labels",
  component: lazyRouteComponent(() => import("./labels/LabelsPage"), "LabelsPage"),
});

/** Only light route definitions belong in this file: it is part of the first chunk. Pages are loaded when visited. */
export const settingsRoutes = settings.addChildren([labels]);
