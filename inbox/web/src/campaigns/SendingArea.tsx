import { CalendarClock, FileText, Gauge, Megaphone, MessagesSquare } from "lucide-react";

import { Area, type Place } from "@/app/Area";

const places: Place[] = [
  { path: "group-messages", icon: Megaphone, view: "messages.view", manage: "group_messages.send" },
  { path: "scheduled-messages", icon: CalendarClock, view: "messages.view", manage: "schedules.manage" },
  { path: "messages", icon: MessagesSquare, view: "messages.view", manage: "messages.send" },
  { path: "templates", icon: FileText, view: "templates.view", manage: "templates.manage" },
  { path: "sending-limits", icon: Gauge, view: "messages.view", manage: "account.manage" },
];

/** What is sent to many, and later, and all that was sent. */
export const SendingArea = () => <Area name="sending" places={places} />;
