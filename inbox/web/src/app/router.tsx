import { createRoute, createRouter, redirect } from "@tanstack/react-router";
import { z } from "zod";

import { onSession } from "@/api/session";
import { queryClient } from "@/api/query";
import { sendingRoutes } from "@/campaigns/routes";
import { peopleRoutes } from "@/contacts/routes";
import { inboxRoutes } from "@/inbox/routes";
import { settingsRoutes } from "@/settings/routes";
import { NotFound } from "./NotFound";
import { rootRoute, shellRoute } from "./roots";
import { parseSearch, stringifySearch } from "./search";
import { SignIn } from "./SignIn";

const home = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/inbox/$view", params: { view: "mine" } });
  },
});

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: z.object({ next: z.string().optional(), as: z.string().optional() }),
  component: SignIn,
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    signIn,
    shellRoute.addChildren([home, inboxRoutes, peopleRoutes, sendingRoutes, settingsRoutes]),
  ]),
  defaultPreload: "intent",
  parseSearch,
  stringifySearch,
  defaultNotFoundComponent: NotFound,
});

// whoever signs out, here or in another tab, leaves nothing of theirs on the screen
onSession((isIn) => {
  if (isIn) return;
  queryClient.clear();
  void router.navigate({ to: "/sign-in" });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
