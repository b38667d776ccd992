import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data } from "@/api/client";
import { useAccount } from "@/app/account";
import { ContactPicker } from "@/contacts/ContactPicker";
import { contacts, shownName } from "@/contacts/data";
import { readProperties } from "@/contacts/properties";
import { PropertiesField, propertiesRule, writtenProperties } from "@/contacts/PropertiesField";
import { FormSheet } from "@/settings/common/form-sheet";
import { useChanged } from "@/settings/common/hooks";
import { rules } from "@/settings/common/rules";
import { CheckboxField, FormField, IconButton, TextField, useReadOnly, useSave } from "@/ui";
import type { Person } from "./PersonsPage";

export function PersonForm({ person, onClose }: { person: Person | null; onClose: () => void }) {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const schema = useMemo(() => {
    const rule = rules(settings);
    return z.object({
      name: rule.text(255),
      phone: rule.optional(32),
      email: z.union([z.literal(""), rule.email()]),
      contact_id: z.string(),
      is_active: z.boolean(),
      properties: propertiesRule(settings),
    });
  }, [settings]);
  const form = useForm<z.infer<typeof schema>>({
    resolver: zodResolver(schema),
    defaultValues: {
      name: person?.name ?? "",
      phone: person?.phone ?? "",
      email: person?.email ?? "",
      contact_id: person?.contact_id ?? "",
      is_active: person?.is_active ?? true,
      properties: writtenProperties(person?.properties ?? {}),
    },
  });
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = {
        ...values,
        phone: values.phone || null,
        email: values.email || null,
        contact_id: values.contact_id || null,
        properties: readProperties(values.properties, person?.properties),
      };
      if (person) await data(api.PATCH("/v1/persons/{id}", { params: { path: { id: person.id } }, body }));
      else await data(api.POST("/v1/persons", { body: { ...body, account_id: account.account_id } }));
      kept();
      await changed(["persons"]);
      onClose();
    },
  });
  const { control } = form;
  return (
    <FormSheet
      id="person"
      title={person ? t("persons.edit") : t("persons.add")}
      form={form}
      saving={saving}
      onClose={onClose}
      isNew={!person}
    >
      <TextField control={control} name="name" label={t("fields.name")} required autoFocus={!person} />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField control={control} name="phone" label={t("fields.phone")} type="tel" placeholder="+251911234567" />
        <TextField control={control} name="email" label={t("fields.email")} type="email" />
      </div>
      <FormField control={control} name="contact_id" label={t("persons.linked")} hint={t("persons.linked_hint")} group>
        {(field) => <Linked id={field.value} onChange={field.onChange} />}
      </FormField>
      <CheckboxField control={control} name="is_active" label={t("persons.is_active")} />
      <PropertiesField form={form} />
    </FormSheet>
  );
}

function Linked({ id, onChange }: { id: string; onChange: (id: string) => void }) {
  const { t } = useTranslation("people");
  const readOnly = useReadOnly();
  const { data: contact } = useQuery({
    queryKey: ["contacts", id],
    queryFn: () => contacts.one(id),
    enabled: id !== "",
  });
  const name = id ? (contact ? shownName(contact) : "…") : t("persons.link");
  if (readOnly) return <span>{id ? name : "—"}</span>;
  return (
    <span className="flex items-center gap-1">
      <ContactPicker label={name} onPick={(chosen) => onChange(chosen.id)} />
      {id && <IconButton label={t("persons.unlink")} icon={<X />} onClick={() => onChange("")} />}
    </span>
  );
}
