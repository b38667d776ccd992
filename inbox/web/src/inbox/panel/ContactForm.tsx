import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import type { Thread } from "@turumba/realtime";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data } from "@/api/client";
import { useLive } from "@/app/live";
import { FormSheet } from "@/settings/common/form-sheet";
import { rules } from "@/settings/common/rules";
import { PropertiesField, propertiesRule, writtenProperties } from "@/contacts/PropertiesField";
import { readProperties } from "@/contacts/properties";
import { ChipsInput, FormField, TextField, useSave, useToast } from "@/ui";

type Contact = Thread["contact"];

/** What is known of a contact, to be put right. */
export function ContactForm({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  const { t: common } = useTranslation("settings");
  const live = useLive();
  const client = useQueryClient();
  const toast = useToast();
  const schema = useMemo(() => {
    const rule = rules(common);
    return z.object({
      name: rule.text(255),
      phone: rule.optional(32),
      email: rule.optional(255),
      preferred_language: z
        .string()
        .trim()
        .regex(/^([a-z]{2,3})?$/, common("errors.language")),
      tags: z.array(z.string()),
      properties: propertiesRule(common),
    });
  }, [t, common]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      name: contact.name,
      phone: contact.phone ?? "",
      email: contact.email ?? "",
      preferred_language: contact.preferred_language ?? "",
      tags: contact.tags,
      properties: writtenProperties(contact.properties),
    },
  });
  const { control } = form;
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = {
        name: values.name,
        phone: values.phone || null,
        email: values.email || null,
        preferred_language: values.preferred_language || null,
        tags: values.tags,
        properties: readProperties(values.properties, contact.properties),
      };
      const stored = await data(api.PATCH("/v1/contacts/{id}", { params: { path: { id: contact.id } }, body }));
      kept();
      live.store.putContact(stored);
      void client.invalidateQueries({ queryKey: ["contacts"] });
      toast.success(t("panel.saved"));
      onClose();
    },
  });
  return (
    <FormSheet id="contact" title={t("panel.editTitle")} form={form} saving={saving} onClose={onClose} isNew={false}>
      <TextField control={control} name="name" label={t("panel.name")} required autoFocus />
      <TextField control={control} name="phone" label={t("panel.phone")} type="tel" placeholder="+251911234567" />
      <TextField control={control} name="email" label={t("panel.email")} type="email" />
      <TextField
        control={control}
        name="preferred_language"
        label={t("panel.language")}
        hint={t("panel.languageHint")}
        className="max-w-40"
      />
      <FormField control={control} name="tags" label={t("panel.tags")} hint={t("panel.tagsHint")}>
        {(field) => <ChipsInput value={field.value} onChange={field.onChange} onBlur={field.onBlur} />}
      </FormField>
      <PropertiesField form={form} />
    </FormSheet>
  );
}
