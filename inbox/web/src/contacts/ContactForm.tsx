import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data } from "@/api/client";
import { useAccount } from "@/app/account";
import { CHANNEL_TYPES, channelOptions } from "@/settings/common/channels";
import { FormSheet } from "@/settings/common/form-sheet";
import { useChanged } from "@/settings/common/hooks";
import { rules } from "@/settings/common/rules";
import { CheckboxField, ChipsInput, FormField, Select, TextField, useSave } from "@/ui";
import type { Contact } from "./data";
import { readProperties } from "./properties";
import { PropertiesField, propertiesRule, writtenProperties } from "./PropertiesField";

/** Radix gives no item the empty value. */
const BEST = "best";

interface ContactFormProps {
  /** `null`: somebody new. */
  contact: Contact | null;
  onClose: () => void;
  onSaved: (stored: Contact) => void;
}

export function ContactForm({ contact, onClose, onSaved }: ContactFormProps) {
  const { t } = useTranslation("people");
  const { t: common } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const schema = useMemo(() => {
    const rule = rules(common);
    return z
      .object({
        name: rule.optional(255),
        first_name: rule.optional(100),
        last_name: rule.optional(100),
        phone: rule.optional(32),
        email: z.union([z.literal(""), rule.email()]),
        preferred_channel_type: z.enum([BEST, ...CHANNEL_TYPES]),
        preferred_language: z
          .string()
          .trim()
          .regex(/^([a-z]{2,3})?$/, common("errors.language")),
        tags: z.array(z.string()),
        is_active: z.boolean(),
        properties: propertiesRule(common),
      })
      .refine(({ name, first_name, last_name, phone, email }) => name || first_name || last_name || phone || email, {
        path: ["name"],
        message: t("contacts.needs_one"),
      });
  }, [t, common]);
  const form = useForm<z.infer<typeof schema>>({
    resolver: zodResolver(schema),
    defaultValues: {
      name: contact?.name ?? "",
      first_name: contact?.first_name ?? "",
      last_name: contact?.last_name ?? "",
      phone: contact?.phone ?? "",
      email: contact?.email ?? "",
      preferred_channel_type: contact?.preferred_channel_type ?? BEST,
      preferred_language: contact?.preferred_language ?? "",
      tags: contact?.tags ?? [],
      is_active: contact?.is_active ?? true,
      properties: writtenProperties(contact?.properties ?? {}),
    },
  });
  const { control } = form;
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const { name, preferred_channel_type: channel, ...rest } = values;
      const body = {
        ...rest,
        first_name: values.first_name || null,
        last_name: values.last_name || null,
        phone: values.phone || null,
        email: values.email || null,
        preferred_language: values.preferred_language || null,
        preferred_channel_type: channel === BEST ? null : channel,
        properties: readProperties(values.properties, contact?.properties),
        // emptied, the hub names the contact by what is left
        name: name || [values.first_name, values.last_name].filter(Boolean).join(" "),
      };
      const stored = contact
        ? await data(api.PATCH("/v1/contacts/{id}", { params: { path: { id: contact.id } }, body }))
        : await data(api.POST("/v1/contacts", { body: { ...body, account_id: account.account_id } }));
      kept();
      await changed(["contacts"]);
      onSaved(stored);
    },
  });
  return (
    <FormSheet
      id="contact"
      title={contact ? t("contacts.edit") : t("contacts.add")}
      form={form}
      saving={saving}
      onClose={onClose}
      isNew={!contact}
    >
      <TextField control={control} name="name" label={t("fields.name")} autoFocus={!contact} />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField control={control} name="first_name" label={t("fields.first_name")} />
        <TextField control={control} name="last_name" label={t("fields.last_name")} />
        <TextField
          control={control}
          name="phone"
          label={t("fields.phone")}
          type="tel"
          placeholder="+251911234567"
          hint={t("contacts.phone_hint")}
        />
        <TextField control={control} name="email" label={t("fields.email")} type="email" />
        <FormField control={control} name="preferred_channel_type" label={t("fields.preferred_channel")}>
          {(field) => (
            <Select
              value={field.value}
              onChange={field.onChange}
              options={[{ value: BEST, label: t("contacts.best_channel") }, ...channelOptions(common)]}
            />
          )}
        </FormField>
        <TextField
          control={control}
          name="preferred_language"
          label={t("fields.language")}
          hint={t("contacts.language_hint")}
        />
      </div>
      <FormField control={control} name="tags" label={t("fields.tags")} hint={t("contacts.tags_hint")}>
        {(field) => <ChipsInput value={field.value} onChange={field.onChange} onBlur={field.onBlur} />}
      </FormField>
      <CheckboxField
        control={control}
        name="is_active"
        label={t("contacts.is_active")}
        hint={t("contacts.is_active_hint")}
      />
      <PropertiesField form={form} />
    </FormSheet>
  );
}
