import type { ChannelType } from "@turumba/realtime";
import { Globe, Mail, MessageCircle, MessageSquare, Phone, RadioTower, Send, type LucideIcon } from "lucide-react";
import i18next from "i18next";

import { cx } from "@/ui";

const LOOKS: Record<ChannelType, { icon: LucideIcon; colour: string }> = {
  sms: { icon: MessageSquare, colour: "bg-[#64748b]" },
  smpp: { icon: RadioTower, colour: "bg-[#64748b]" },
  telegram: { icon: Send, colour: "bg-[#2481c2]" },
  whatsapp: { icon: Phone, colour: "bg-[#15803d]" },
  messenger: { icon: MessageCircle, colour: "bg-[#6d5bd0]" },
  email: { icon: Mail, colour: "bg-[#1e40af]" },
  webchat: { icon: Globe, colour: "bg-[#0e7490]" },
};

/** A channel's sign in its colour. */
export function ChannelIcon({ type, className }: { type: ChannelType; className?: string }) {
  // whoever draws it follows the language already
  const label = i18next.t(`inbox:channels.${type}`);
  const { icon: Icon, colour } = LOOKS[type];
  return (
    <span
      role="img"
      aria-label={label}
      title={label}
      className={cx(
        "inline-flex size-4 shrink-0 items-center justify-center rounded-full text-white ring-2 ring-section",
        colour,
        className,
      )}
    >
      <Icon aria-hidden className="size-[62%]" strokeWidth={2.4} />
    </span>
  );
}
