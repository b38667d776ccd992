import type { TFunction } from "i18next";

import type { Schemas } from "@/api/client";
import { ChannelIcon } from "@/inbox/channel";
import { Checkbox, useReadOnly, type Option } from "@/ui";
import { useTranslation } from "react-i18next";

export type ChannelType = Schemas["ChannelType"];

export const CHANNEL_TYPES: ChannelType[] = ["webchat", "sms", "smpp", "telegram", "whatsapp", "messenger", "email"];

/** The channel's sign where its name stands beside it. */
const Sign = ({ type }: { type: ChannelType }) => (
  <span aria-hidden className="inline-flex">
    <ChannelIcon type={type} />
  </span>
);

export const channelOptions = (t: TFunction<"settings">): Option<ChannelType>[] =>
  CHANNEL_TYPES.map((type) => ({ value: type, label: t(`channel_types.${type}`), icon: <Sign type={type} /> }));

/** Kinds of channels to choose from; none chosen means all, where the caller says so. */
export function ChannelTypes({ value, onChange }: { value: ChannelType[]; onChange: (value: ChannelType[]) => void }) {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  return (
    <div className="grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] gap-x-4 gap-y-2.5 pt-1">
      {CHANNEL_TYPES.map((type) => (
        <Checkbox
          key={type}
          disabled={readOnly}
          checked={value.includes(type)}
          onChange={(yes) => onChange(CHANNEL_TYPES.filter((one) => (one === type ? yes : value.includes(one))))}
          label={
            <span className="inline-flex items-center gap-2">
              <Sign type={type} />
              {t(`channel_types.${type}`)}
            </span>
          }
        />
      ))}
    </div>
  );
}
