import { createRoute, createRouter } from "@tanstack/react-router";

import { settingsRoutes } from "@/settings/routes";
import { rootRoute, shellRoute } from "./roots";
import { parseSearch, stringifySearch } from "./search";

const home = createRoute({ getParentRoute: () => shellRoute, path: "/" });

export const router = createRouter({
  routeTree: rootRoute.addChildren([shellRoute.addChildren([home, settingsRoutes])]),
  defaultPreload: "intent",
  parseSearch,
  stringifySearch,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
