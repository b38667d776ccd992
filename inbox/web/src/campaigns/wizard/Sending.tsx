import type { UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { useSendingChannels } from "@/api/lookups";
import { localTime } from "@/inbox/composer/later";
import { ChannelIcon } from "@/inbox/channel";
import { Card } from "@/settings/common/page";
import { CheckboxField, FormField, Input, RadioGroup, Select, TextField } from "@/ui";
import { PREFERRED } from "../fields";
import type { Values } from "./schema";

/** By which channel, how fast, and when. */
export function Sending({ form, values }: { form: UseFormReturn<Values, unknown, Values>; values: Values }) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const channels = useSendingChannels();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <div className="grid gap-5 lg:grid-cols-2">
      <Card>
        <div className="flex flex-col gap-4">
          <TextField control={form.control} name="name" label={settings("fields.name")} hint={t("sending.name_hint")} />
          <FormField
            control={form.control}
            name="channel_id"
            label={settings("fields.channel")}
            hint={values.channel_id === PREFERRED ? t("sending.preferred_hint") : undefined}
          >
            {(field) => (
              <Select
                value={field.value}
                onChange={field.onChange}
                options={[
                  { value: PREFERRED, label: t("group_messages.preferred") },
                  ...channels.map(({ id, name, channel_type }) => ({
                    value: id,
                    label: name,
                    icon: <ChannelIcon type={channel_type} />,
                  })),
                ]}
              />
            )}
          </FormField>
          <FormField control={form.control} name="when" label={t("sending.when")} group>
            {(field) => (
              <RadioGroup
                look="row"
                label={t("sending.when")}
                value={field.value}
                onChange={field.onChange}
                options={[
                  { value: "now", label: t("sending.now") },
                  { value: "later", label: t("sending.later") },
                ]}
              />
            )}
          </FormField>
          {values.when === "later" && (
            <FormField
              control={form.control}
              name="scheduled_at"
              label={t("sending.scheduled_at")}
              hint={t("sending.zone", { zone })}
              required
            >
              {(field) => <Input {...field} type="datetime-local" min={localTime(new Date())} />}
            </FormField>
          )}
        </div>
      </Card>
      <Card>
        <div className="flex flex-col gap-4">
          <TextField
            control={form.control}
            name="rate_per_minute"
            type="number"
            label={t("sending.rate")}
            hint={t("sending.rate_hint")}
          />
          <CheckboxField
            control={form.control}
            name="canary"
            label={t("sending.canary_first")}
            hint={t("sending.canary_hint")}
          />
          {values.canary && (
            <div className="grid gap-4 sm:grid-cols-2">
              <TextField
                control={form.control}
                name="canary_percent"
                type="number"
                label={t("sending.canary_percent")}
                required
              />
              <TextField
                control={form.control}
                name="canary_max_failure_percent"
                type="number"
                label={t("sending.canary_most")}
              />
            </div>
          )}
        </div>
      </Card>
    </div>
  );
}
