import { Ban, Contact, Filter, Upload, UserRound, Users } from "lucide-react";

import { Area, type Place } from "@/app/Area";

const rights = { view: "contacts.view", manage: "contacts.manage" };

const places: Place[] = [
  { path: "contacts", icon: Contact, ...rights },
  { path: "groups", icon: Users, ...rights },
  { path: "segments", icon: Filter, ...rights },
  { path: "persons", icon: UserRound, ...rights },
  { path: "contact-imports", icon: Upload, ...rights },
  { path: "suppressions", icon: Ban, ...rights },
];

/** Whom the account knows. */
export const PeopleArea = () => <Area name="people" places={places} />;
