import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { Field, Form, FormActions, Input, TextField, useSave, useUnsaved } from "@/ui";
import { useChanged } from "../common/hooks";
import { rules } from "../common/rules";

/** Names and phone of somebody. */
export function PersonForm({ user }: { user: Schemas["UserView"] }) {
  const { t } = useTranslation("settings");
  const { me } = useAccount();
  const changed = useChanged();
  const schema = useMemo(() => {
    const rule = rules(t);
    return z.object({ given_name: rule.optional(100), family_name: rule.optional(100), phone: rule.optional(32) });
  }, [t]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      given_name: user.given_name ?? "",
      family_name: user.family_name ?? "",
      phone: user.phone ?? "",
    },
  });
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = {
        given_name: values.given_name || null,
        family_name: values.family_name || null,
        phone: values.phone || null,
      };
      const saved = await data(api.PATCH("/v1/users/{id}", { params: { path: { id: user.id } }, body }));
      kept({ ...values, phone: saved.phone ?? "" });
      await changed(["users", "members", ...(user.id === me.id ? ["me"] : [])]);
    },
  });
  useUnsaved(form.formState.isDirty);
  return (
    <Form form={form} saving={saving} className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField control={form.control} name="given_name" label={t("fields.given_name")} autoComplete="given-name" />
        <TextField
          control={form.control}
          name="family_name"
          label={t("fields.family_name")}
          autoComplete="family-name"
        />
        <Field label={t("fields.email")} hint={t("profile.email_hint")} readOnly>
          <Input value={user.email} readOnly />
        </Field>
        <TextField
          control={form.control}
          name="phone"
          label={t("fields.phone")}
          hint={t("profile.phone_hint")}
          type="tel"
          autoComplete="tel"
        />
      </div>
      <div className="flex justify-end gap-2">
        <FormActions form={form} />
      </div>
    </Form>
  );
}
