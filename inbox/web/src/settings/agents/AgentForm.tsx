import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data } from "@/api/client";
import { useAccount } from "@/app/account";
import { FormField, SecretInput, Select, TextField, useSave } from "@/ui";
import { FormSheet } from "../common/form-sheet";
import { useChanged } from "../common/hooks";
import { roleName, useRoles } from "../common/roles";
import { rules } from "../common/rules";

/** A new person in the account. */
export function AgentForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  // nobody may give more than they hold
  const held = new Set<string>(account.permissions);
  const roles = useRoles().filter((role) => role.permissions.every((permission) => held.has(permission)));
  const schema = useMemo(() => {
    const rule = rules(t);
    return z.object({
      given_name: rule.optional(100),
      family_name: rule.optional(100),
      email: rule.email(),
      phone: rule.optional(32),
      role_id: z.string().min(1, t("errors.choose")),
      password: z
        .string()
        .min(8, t("errors.password_short"))
        .max(256, t("errors.too_long", { count: 256 })),
    });
  }, [t]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { given_name: "", family_name: "", email: "", phone: "", role_id: "", password: "" },
  });
  const { control } = form;
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = {
        ...values,
        given_name: values.given_name || null,
        family_name: values.family_name || null,
        phone: values.phone || null,
      };
      const query = { account_id: account.account_id };
      await data(api.POST("/v1/users", { params: { query }, body }));
      kept();
      await changed(["members", "users"], t("agents.added", { name: values.given_name || values.email }));
      onClose();
    },
  });
  return (
    <FormSheet
      id="agent"
      title={t("agents.add")}
      description={t("agents.add_text")}
      form={form}
      saving={saving}
      onClose={onClose}
      isNew
      label={t("agents.create")}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField control={control} name="given_name" label={t("fields.given_name")} autoFocus />
        <TextField control={control} name="family_name" label={t("fields.family_name")} />
      </div>
      <TextField control={control} name="email" label={t("fields.email")} type="email" required />
      <TextField control={control} name="phone" label={t("fields.phone")} type="tel" placeholder="+251911234567" />
      <FormField control={control} name="role_id" label={t("fields.role")} required>
        {(field) => (
          <Select
            value={field.value}
            onChange={field.onChange}
            onBlur={field.onBlur}
            placeholder={t("agents.choose_role")}
            options={roles.map((role) => ({ value: role.id, label: roleName(t, role.name) }))}
          />
        )}
      </FormField>
      <FormField
        control={control}
        name="password"
        label={t("agents.first_password")}
        hint={t("agents.first_password_hint")}
        required
      >
        {(field) => (
          <SecretInput value={field.value} onChange={(next) => field.onChange(next ?? "")} onBlur={field.onBlur} />
        )}
      </FormField>
    </FormSheet>
  );
}
