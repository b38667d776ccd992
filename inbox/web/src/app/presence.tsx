import type { Availability, Id } from "@turumba/realtime";
import { useTranslation } from "react-i18next";

import { Dot, type Tone } from "@/ui";
import { useInbox } from "./live";

export const PRESENCE: Record<Availability, Tone> = { online: "green", away: "orange", offline: "neutral" };

export const usePresence = (user: Id): Availability => useInbox((store) => store.presence.get(user) ?? "offline");

/** Whether a colleague is there. */
export function PresenceDot({ user, className }: { user: Id; className?: string }) {
  const { t } = useTranslation();
  const status = usePresence(user);
  return <Dot tone={PRESENCE[status]} label={t(`presence.${status}`)} {...(className && { className })} />;
}
