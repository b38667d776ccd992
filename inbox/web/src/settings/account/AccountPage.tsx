import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import {
  ChipsInput,
  Form,
  FormActions,
  FormField,
  RadioGroup,
  TextareaField,
  TextField,
  useSave,
  useUnsaved,
} from "@/ui";
import { useChanged } from "../common/hooks";
import { Loaded } from "../common/loaded";
import { ActionBar, Card, PageHeader } from "../common/page";
import { rules } from "../common/rules";
import { TimezoneSelect } from "../common/timezone";

export function AccountPage() {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  return (
    <>
      <PageHeader title={t("sections.account")} text={t("account.text")} />
      <Loaded
        of={["accounts", "one", account.account_id]}
        read={() => data(api.GET("/v1/accounts/{id}", { params: { path: { id: account.account_id } } }))}
      >
        {(found) => <AccountForm account={found} />}
      </Loaded>
    </>
  );
}

function AccountForm({ account }: { account: Schemas["AccountView"] }) {
  const { t } = useTranslation("settings");
  const changed = useChanged();
  const schema = useMemo(() => {
    const rule = rules(t);
    return z.object({
      name: rule.text(255),
      description: rule.optional(2000),
      timezone: z.string().min(1, t("errors.required")),
      languages: z.array(z.string().regex(/^[a-z]{2,3}$/, t("errors.language"))),
      visibility: z.enum(["all", "team"]),
    });
  }, [t]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      name: account.name,
      description: account.description ?? "",
      timezone: account.timezone,
      languages: account.languages,
      visibility: account.visibility,
    },
  });
  const { control } = form;
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = { ...values, description: values.description || null };
      await data(api.PATCH("/v1/accounts/{id}", { params: { path: { id: account.id } }, body }));
      kept();
      await changed(["accounts", "me"]);
    },
  });
  useUnsaved(form.formState.isDirty);
  return (
    <Form form={form} saving={saving} className="flex flex-col gap-4">
      <Card>
        <div className="flex flex-col gap-4">
          <TextField control={control} name="name" label={t("fields.name")} required />
          <TextareaField control={control} name="description" label={t("fields.description")} rows={2} />
          <FormField
            control={control}
            name="timezone"
            label={t("fields.timezone")}
            hint={t("account.timezone_hint")}
            className="max-w-sm"
          >
            {(field) => <TimezoneSelect value={field.value} onChange={field.onChange} />}
          </FormField>
          <FormField
            control={control}
            name="languages"
            label={t("account.languages")}
            hint={t("account.languages_hint")}
          >
            {(field) => (
              <ChipsInput
                value={field.value}
                onChange={field.onChange}
                onBlur={field.onBlur}
                normalize={(word) => word.toLowerCase()}
              />
            )}
          </FormField>
        </div>
      </Card>
      <Card title={t("account.visibility")} text={t("account.visibility_text")}>
        <FormField
          control={control}
          name="visibility"
          label={<span className="sr-only">{t("account.visibility")}</span>}
          group
        >
          {(field) => (
            <RadioGroup
              label={t("account.visibility")}
              value={field.value}
              onChange={field.onChange}
              options={(["all", "team"] as const).map((value) => ({
                value,
                label: t(`account.visibilities.${value}`),
                hint: t(`account.visibility_hints.${value}`),
              }))}
            />
          )}
        </FormField>
      </Card>
      <ActionBar>
        <FormActions form={form} onCancel={() => form.reset()} />
      </ActionBar>
    </Form>
  );
}
