import { createRootRoute, createRoute, Outlet } from "@tanstack/react-router";

/** The parents that pages hang under. A module of their own, so that pages and router need not import each other. */
export const rootRoute = createRootRoute({ component: Outlet });

/** Everything that needs somebody signed in. */
export const shellRoute = createRoute({ getParentRoute: () => rootRoute, id: "shell", component: Outlet });
