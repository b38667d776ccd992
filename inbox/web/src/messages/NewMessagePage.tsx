import { zodResolver } from "@hookform/resolvers/zod";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useRef } from "react";
import { useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data } from "@/api/client";
import { useSendingChannels } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { Content, isWritten, NOTHING, sentContent, type ContentValue } from "@/campaigns/Content";
import { sharedFieldOf } from "@/campaigns/fields";
import { ChosenContact } from "@/contacts/ChosenContact";
import { ChannelIcon } from "@/inbox/channel";
import { useOnce } from "@/lib/once";
import { useChanged } from "@/settings/common/hooks";
import { ActionBar, Card, PageHeader } from "@/settings/common/page";
import { Form, FormActions, FormField, Select, TextField, useSave, useUnsaved } from "@/ui";
import { misfit } from "./data";

interface Values {
  channel_id: string;
  delivery_address: string;
  contact_id: string;
  content: ContentValue;
}

/** The channel that was written on last. */
const LAST = "turumba.message.channel";

/** One message to one address. */
export function NewMessagePage() {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const { account, can } = useAccount();
  const navigate = useNavigate();
  const changed = useChanged();
  const once = useOnce();
  const channels = useSendingChannels();
  const { contact } = useSearch({ strict: false }) as { contact?: string };
  /** The hub sends a text that it cannot read as it stands, braces and all; nobody who writes here wants that. */
  const isUnreadable = useRef(false);
  const schema = useMemo(
    () =>
      z
        .object({
          channel_id: z.string().min(1, settings("errors.choose")),
          delivery_address: z
            .string()
            .trim()
            .max(255, settings("errors.too_long", { count: 255 })),
          contact_id: z.string(),
          content: z
            .custom<ContentValue>()
            .refine(isWritten, t("content.required"))
            .refine(({ source }) => source === "template" || !isUnreadable.current, t("messages.unreadable")),
        })
        .refine((values) => values.delivery_address || values.contact_id, {
          path: ["delivery_address"],
          message: t("schedules.address_required"),
        })
        .superRefine(({ channel_id, delivery_address }, context) => {
          const type = channels.find(({ id }) => id === channel_id)?.channel_type;
          const wrong = delivery_address && misfit(delivery_address, type);
          if (!wrong) return;
          const message = wrong === "email" ? settings("errors.email") : t("messages.not_a_phone");
          context.addIssue({ code: "custom", path: ["delivery_address"], message });
        }),
    [t, settings, channels],
  );
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(schema) as never,
    defaultValues: {
      channel_id: localStorage.getItem(LAST) ?? "",
      delivery_address: "",
      contact_id: typeof contact === "string" ? contact : "",
      content: { ...NOTHING, source: "text" },
    },
  });
  const { control } = form;
  const values = useWatch({ control }) as Values;
  const channel = channels.find(({ id }) => id === values.channel_id);
  const saving = useSave<Values>({
    form,
    fieldOf: sharedFieldOf,
    save: async ({ channel_id, delivery_address, contact_id, content }, kept) => {
      const body = {
        account_id: account.account_id,
        channel_id,
        ...(delivery_address && { delivery_address }),
        ...(contact_id && { contact_id }),
        ...sentContent(content),
      };
      const sent = await once(body, (sentOnce) => data(api.POST("/v1/messages", { body, ...sentOnce })));
      localStorage.setItem(LAST, channel_id);
      kept();
      await changed(["messages"], t("messages.said_sent", { address: sent.delivery_address }));
      await navigate({ to: "/messages", search: { open: sent.id } as never });
    },
  });
  useUnsaved(form.formState.isDirty && !form.formState.isSubmitting);
  return (
    <>
      <PageHeader back={{ to: "/messages", label: t("messages.title") }} title={t("messages.add")} />
      <Form form={form} saving={saving}>
        <div className="flex flex-col gap-5">
          <Card>
            <div className="flex flex-col gap-4">
              <FormField
                control={control}
                name="channel_id"
                label={settings("fields.channel")}
                required
                className="max-w-md"
              >
                {(field) => (
                  <Select
                    // one that is gone or switched off since is chosen no longer
                    value={channel ? field.value : ""}
                    onChange={field.onChange}
                    placeholder={t("sending.choose_channel")}
                    options={channels.map(({ id, name, channel_type }) => ({
                      value: id,
                      label: name,
                      icon: <ChannelIcon type={channel_type} />,
                    }))}
                  />
                )}
              </FormField>
              <div className="grid gap-4 sm:grid-cols-2">
                <TextField
                  control={control}
                  name="delivery_address"
                  label={t("test.address")}
                  hint={t(`messages.address_hints.${channel?.channel_type ?? "any"}`)}
                />
                {can("contacts.view") && (
                  <FormField
                    control={control}
                    name="contact_id"
                    label={t("test.contact")}
                    hint={t("messages.contact_hint")}
                    group
                  >
                    {(field) => <ChosenContact id={field.value} onPick={field.onChange} />}
                  </FormField>
                )}
              </div>
            </div>
          </Card>
          <FormField control={control} name="content" label={t("wizard.step.content")} group required>
            {(field) => (
              <Content
                value={field.value}
                onChange={field.onChange}
                channelType={channel?.channel_type}
                onUnreadable={(is) => (isUnreadable.current = is)}
              />
            )}
          </FormField>
        </div>
        <ActionBar>
          <FormActions
            form={form}
            always
            leaves
            label={t("messages.send")}
            onCancel={() => void navigate({ to: "/messages" })}
          />
        </ActionBar>
      </Form>
    </>
  );
}
