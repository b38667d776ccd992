import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { shellRoute } from "@/app/roots";

const area = createRoute({
  getParentRoute: () => shellRoute,
  id: "people",
  component: lazyRouteComponent(() => import("./PeopleArea"), "PeopleArea"),
});

const parent = { getParentRoute: () => area };

const contacts = createRoute({
  ...parent,
  path: "/contacts",
  component: lazyRouteComponent(() => import("./ContactsPage"), "ContactsPage"),
});
const groups = createRoute({
  ...parent,
  path: "/groups",
  component: lazyRouteComponent(() => import("../groups/GroupsPage"), "GroupsPage"),
});
const group = createRoute({
  ...parent,
  path: "/groups/$groupId",
  component: lazyRouteComponent(() => import("../groups/GroupPage"), "GroupPage"),
});
const segments = createRoute({
  ...parent,
  path: "/segments",
  component: lazyRouteComponent(() => import("../groups/SegmentsPage"), "SegmentsPage"),
});
const persons = createRoute({
  ...parent,
  path: "/persons",
  component: lazyRouteComponent(() => import("../groups/PersonsPage"), "PersonsPage"),
});
const imports = createRoute({
  ...parent,
  path: "/contact-imports",
  component: lazyRouteComponent(() => import("./imports/ImportsPage"), "ImportsPage"),
});
const newImport = createRoute({
  ...parent,
  path: "/contact-imports/new",
  component: lazyRouteComponent(() => import("./imports/NewImportPage"), "NewImportPage"),
});
const suppressions = createRoute({
  ...parent,
  path: "/suppressions",
  component: lazyRouteComponent(() => import("./SuppressionsPage"), "SuppressionsPage"),
});

/** Contacts and what they are sorted into. */
export const peopleRoutes = area.addChildren([
  contacts,
  groups,
  group,
  segments,
  persons,
  imports,
  newImport,
  suppressions,
]);
