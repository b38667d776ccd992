import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { FormField, Select, TextField, useSave } from "@/ui";
import { FormSheet } from "../common/form-sheet";
import { useChanged } from "../common/hooks";
import { Permissions } from "../common/permissions";
import { rules } from "../common/rules";

interface ApiKeyFormProps {
  onClose: () => void;
  onMade: (key: Schemas["NewApiKeyView"]) => void;
}

const LIVES = ["never", "30", "90", "365"] as const;

export function ApiKeyForm({ onClose, onMade }: ApiKeyFormProps) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const schema = useMemo(
    () =>
      z.object({
        name: rules(t).text(255),
        life: z.enum(LIVES),
        permissions: z.array(z.string()).min(1, t("errors.one_permission")),
      }),
    [t],
  );
  const form = useForm<z.infer<typeof schema>>({
    resolver: zodResolver(schema),
    defaultValues: { name: "", life: "90", permissions: [] },
  });
  const { control } = form;
  const saving = useSave({
    form,
    fieldOf: (field) => (field === "expires_at" ? "life" : field),
    save: async (values, kept) => {
      const { name, permissions, life } = values;
      const expires_at = life === "never" ? null : new Date(Date.now() + Number(life) * 86_400_000).toISOString();
      const query = { account_id: account.account_id };
      const made = await data(api.POST("/v1/api-keys", { params: { query }, body: { name, permissions, expires_at } }));
      kept();
      await changed(["api-keys"], t("api_keys.was_made"));
      onMade(made);
    },
  });
  return (
    <FormSheet
      id="api-key"
      title={t("api_keys.add")}
      description={t("api_keys.add_text")}
      form={form}
      saving={saving}
      onClose={onClose}
      isNew
      label={t("api_keys.create")}
    >
      <TextField
        control={control}
        name="name"
        label={t("fields.name")}
        hint={t("api_keys.name_hint")}
        required
        autoFocus
      />
      <FormField control={control} name="life" label={t("api_keys.expires")}>
        {(field) => (
          <Select
            value={field.value}
            onChange={field.onChange}
            options={LIVES.map((value) => ({
              value,
              label: value === "never" ? t("never") : t("api_keys.in_days", { count: Number(value) }),
            }))}
          />
        )}
      </FormField>
      <FormField control={control} name="permissions" label={t("roles.permissions")} required group>
        {(field) => <Permissions value={field.value} onChange={field.onChange} held={account.permissions} />}
      </FormField>
    </FormSheet>
  );
}
