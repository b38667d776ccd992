import { zodResolver } from "@hookform/resolvers/zod";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useSendingChannels } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { Audience } from "@/campaigns/Audience";
import { Content } from "@/campaigns/Content";
import { PREFERRED } from "@/campaigns/fields";
import { ChosenContact } from "@/contacts/ChosenContact";
import { ChannelIcon } from "@/inbox/channel";
import { useOnce } from "@/lib/once";
import { useChanged } from "@/settings/common/hooks";
import { ActionBar, Card } from "@/settings/common/page";
import type { Template } from "@/templates/data";
import {
  CheckboxField,
  Form,
  FormActions,
  FormField,
  RadioGroup,
  Select,
  TextField,
  useReadOnly,
  useSave,
  useUnsaved,
} from "@/ui";
import { schedules, type Schedule } from "./data";
import { fieldOf, schemaOf, sent, valuesOf, type Values } from "./form";
import { Times } from "./Runs";
import { When } from "./When";

interface ScheduleFormProps {
  /** `null`: a new one. */
  schedule: Schedule | null;
  template: Template | null;
}

export function ScheduleForm({ schedule, template }: ScheduleFormProps) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const { account } = useAccount();
  const navigate = useNavigate();
  const changed = useChanged();
  const once = useOnce();
  const readOnly = useReadOnly();
  const channels = useSendingChannels();
  const schema = useMemo(() => schemaOf(t, settings), [t, settings]);
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(schema) as never,
    defaultValues: valuesOf(schedule, template, Intl.DateTimeFormat().resolvedOptions().timeZone),
  });
  const { control } = form;
  const saving = useSave<Values>({
    form,
    fieldOf,
    save: async (values, kept) => {
      if (schedule) {
        await schedules.change(schedule.id, sent(values, template));
      } else {
        const body = { ...sent(values, null), send_type: values.send_type, account_id: account.account_id };
        await once(body, (sentOnce) => data(api.POST("/v1/scheduled-messages", { body, ...sentOnce })));
      }
      kept();
      await changed(["scheduled-messages"]);
      await navigate({ to: "/scheduled-messages" });
    },
  });
  useUnsaved(form.formState.isDirty && !form.formState.isSubmitting);
  const values = useWatch({ control }) as Values;
  const isGroup = values.send_type === "group";
  return (
    <Form form={form} saving={saving}>
      <div className="flex flex-col gap-5">
        <Card>
          <div className="flex flex-col gap-4">
            <div className="grid gap-4 sm:grid-cols-2">
              <TextField control={control} name="name" label={settings("fields.name")} hint={t("sending.name_hint")} />
              {!schedule && (
                <FormField control={control} name="send_type" label={t("schedules.to")} group>
                  {(field) => (
                    <RadioGroup
                      look="row"
                      label={t("schedules.to")}
                      value={field.value}
                      onChange={field.onChange}
                      options={[
                        { value: "group", label: t("schedules.to_group") },
                        { value: "single", label: t("schedules.to_single") },
                      ]}
                    />
                  )}
                </FormField>
              )}
            </div>
            <FormField control={control} name="channel_id" label={settings("fields.channel")} className="max-w-md">
              {(field) => (
                <Select
                  value={field.value}
                  onChange={field.onChange}
                  options={[
                    { value: PREFERRED, label: t("group_messages.preferred"), disabled: !isGroup },
                    ...channels.map(({ id, name, channel_type }) => ({
                      value: id,
                      label: name,
                      icon: <ChannelIcon type={channel_type} />,
                    })),
                  ]}
                />
              )}
            </FormField>
            {isGroup ? (
              <FormField control={control} name="audience" label={t("wizard.step.audience")} group required>
                {(field) => <Audience value={field.value} onChange={field.onChange} />}
              </FormField>
            ) : (
              <div className="grid gap-4 sm:grid-cols-2">
                <TextField
                  control={control}
                  name="delivery_address"
                  label={t("test.address")}
                  hint={t("test.address_hint")}
                />
                <FormField control={control} name="contact_id" label={t("test.contact")} group>
                  {(field) => <ChosenContact id={field.value} onPick={(id) => field.onChange(id)} />}
                </FormField>
              </div>
            )}
          </div>
        </Card>
        <FormField control={control} name="content" label={t("wizard.step.content")} group required>
          {(field) => (
            <Content
              value={field.value}
              onChange={field.onChange}
              channelType={channels.find(({ id }) => id === values.channel_id)?.channel_type}
            />
          )}
        </FormField>
        <When form={form} values={values} isNew={!schedule} />
        <Card title={t("schedules.rules")}>
          <div className="flex flex-col gap-4">
            {isGroup ? (
              <CheckboxField
                control={control}
                name="recipient_timezone"
                label={t("schedules.recipient_timezone")}
                hint={t("schedules.recipient_timezone_hint")}
              />
            ) : (
              <CheckboxField
                control={control}
                name="cancel_on_reply"
                label={t("schedules.cancel_on_reply")}
                hint={t("schedules.cancel_on_reply_hint")}
              />
            )}
            <FormField control={control} name="missed_policy" label={t("schedules.missed")} group>
              {(field) => (
                <RadioGroup
                  label={t("schedules.missed")}
                  value={field.value}
                  onChange={field.onChange}
                  options={(["skip", "one", "all"] as const).map((value) => ({
                    value,
                    label: t(`schedules.policies.${value}`),
                    hint: t(`schedules.policy_hints.${value}`),
                  }))}
                />
              )}
            </FormField>
            <div className="grid gap-4 sm:grid-cols-2">
              <TextField
                control={control}
                name="max_lateness"
                type="number"
                label={t("schedules.max_lateness")}
                hint={t("schedules.max_lateness_hint")}
              />
              {values.missed_policy === "all" && (
                <TextField control={control} name="missed_cap" type="number" label={t("schedules.missed_cap")} />
              )}
            </div>
          </div>
        </Card>
        {schedule && readOnly && schedule.next_runs.length > 0 && (
          <Card title={t("schedules.next_runs")}>
            <Times times={schedule.next_runs} zone={schedule.timezone} />
          </Card>
        )}
      </div>
      <ActionBar>
        <FormActions
          form={form}
          always={!schedule}
          leaves
          {...(!schedule && { label: t("wizard.schedule") })}
          onCancel={() => void navigate({ to: "/scheduled-messages" })}
        />
      </ActionBar>
    </Form>
  );
}
