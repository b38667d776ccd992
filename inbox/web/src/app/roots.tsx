import { createRootRoute, createRoute, Outlet, redirect } from "@tanstack/react-router";

import { signedIn } from "@/api/session";
import { Shell } from "./Shell";

/** The parents that pages hang under. A module of their own, so that pages and router need not import each other. */
export const rootRoute = createRootRoute({ component: Outlet });

/** Everything that needs somebody signed in. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  component: Shell,
  beforeLoad: ({ location }) => {
    if (!signedIn()) throw redirect({ to: "/sign-in", search: { next: location.href } });
  },
});
