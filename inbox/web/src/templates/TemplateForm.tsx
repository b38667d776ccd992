import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo, useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data } from "@/api/client";
import { useAccount } from "@/app/account";
import { CHANNEL_TYPES, channelOptions } from "@/settings/common/channels";
import { useChanged } from "@/settings/common/hooks";
import { ActionBar, Card } from "@/settings/common/page";
import { rules } from "@/settings/common/rules";
import { TextWithVariables, type Mistake } from "@/settings/common/text-with-variables";
import {
  Banner,
  CheckboxField,
  Field,
  Form,
  FormActions,
  FormField,
  Input,
  RadioGroup,
  Select,
  TextField,
  useReadOnly,
  useSave,
  useUnsaved,
} from "@/ui";
import { Approving } from "./Approving";
import { mistakeOf, MOST, STRATEGIES, type Template } from "./data";
import { DryRun } from "./DryRun";
import { Preview } from "./Preview";
import { variablesOf } from "./variables";

/** Radix gives no item the empty value. */
const EVERY = "every";

interface TemplateFormProps {
  /** `null`: a new one. */
  template: Template | null;
  /** What the fields begin with. */
  like: Template | null;
  onDone: () => void;
}

export function TemplateForm({ template, like, onDone }: TemplateFormProps) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const { account } = useAccount();
  const readOnly = useReadOnly();
  const changed = useChanged();
  const [mistake, setMistake] = useState<Mistake | null>(null);
  const schema = useMemo(() => {
    const rule = rules(settings);
    return z.object({
      name: rule.text(255),
      body: rule.text(MOST),
      category: rule.optional(100),
      language: z
        .string()
        .trim()
        .regex(/^([A-Za-z]{2,3}([-_][A-Za-z0-9]+)?)?$/, settings("errors.language")),
      channel_type: z.enum([EVERY, ...CHANNEL_TYPES]),
      fallback_strategy: z.enum(STRATEGIES),
      default_values: z.record(z.string(), z.string()),
      is_active: z.boolean(),
    });
  }, [settings]);
  const form = useForm<z.infer<typeof schema>>({
    resolver: zodResolver(schema),
    defaultValues: {
      name: like?.name ?? "",
      body: like?.body ?? "",
      category: like?.category ?? "",
      language: like?.language ?? "",
      channel_type: like?.channel_type ?? EVERY,
      fallback_strategy: like?.fallback_strategy ?? "keep_placeholder",
      default_values: (like?.default_values ?? {}) as Record<string, string>,
      is_active: like?.is_active ?? true,
    },
  });
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = {
        ...values,
        category: values.category || null,
        language: values.language || null,
        channel_type: values.channel_type === EVERY ? null : values.channel_type,
        default_values: values.default_values,
      };
      try {
        if (template) await data(api.PATCH("/v1/templates/{id}", { params: { path: { id: template.id } }, body }));
        else await data(api.POST("/v1/templates", { body: { ...body, account_id: account.account_id } }));
      } catch (error) {
        setMistake(mistakeOf(error));
        throw error;
      }
      kept();
      await changed(["templates"]);
      onDone();
    },
  });
  useUnsaved(form.formState.isDirty);
  const [body, strategy, defaults, channel] = useWatch({
    control: form.control,
    name: ["body", "fallback_strategy", "default_values", "channel_type"],
  });
  return (
    <Form form={form} saving={saving}>
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <Card>
          <div className="flex flex-col gap-4">
            <TextField control={form.control} name="name" label={settings("fields.name")} required />
            <FormField
              control={form.control}
              name="body"
              label={t("templates.body")}
              hint={t("templates.body_hint")}
              required
            >
              {(field) => (
                <TextWithVariables
                  value={field.value}
                  onChange={field.onChange}
                  onBlur={field.onBlur}
                  most={MOST}
                  rows={9}
                  mistake={mistake}
                />
              )}
            </FormField>
            <FormField control={form.control} name="fallback_strategy" label={t("templates.fallback")} group>
              {(field) => (
                <RadioGroup
                  value={field.value}
                  onChange={field.onChange}
                  label={t("templates.fallback")}
                  options={STRATEGIES.map((value) => ({
                    value,
                    label: t(`templates.strategies.${value}`),
                    hint: t(`templates.strategy_hints.${value}`),
                  }))}
                />
              )}
            </FormField>
            {variablesOf(body).length > 0 && (
              <div className="flex flex-col gap-3 rounded-xl border border-line p-3">
                <p className="text-xs text-faint">
                  {t(strategy === "use_default" ? "templates.defaults_hint" : "templates.defaults_unused")}
                </p>
                {variablesOf(body).map((name) => (
                  <Field key={name} label={t("templates.default_for", { name })}>
                    <Input
                      value={defaults[name] ?? ""}
                      onChange={(event) =>
                        form.setValue(
                          "default_values",
                          { ...defaults, [name]: event.target.value },
                          { shouldDirty: true },
                        )
                      }
                    />
                  </Field>
                ))}
              </div>
            )}
            <div className="grid gap-4 sm:grid-cols-2">
              <FormField control={form.control} name="channel_type" label={settings("fields.channel")}>
                {(field) => (
                  <Select
                    value={field.value}
                    onChange={field.onChange}
                    options={[{ value: EVERY, label: t("templates.every_channel") }, ...channelOptions(settings)]}
                  />
                )}
              </FormField>
              <TextField control={form.control} name="language" label={settings("fields.language")} placeholder="en" />
            </div>
            {channel === "whatsapp" && <Banner tone="blue">{t("templates.whatsapp_note")}</Banner>}
            <TextField control={form.control} name="category" label={settings("fields.category")} />
            <CheckboxField control={form.control} name="is_active" label={t("templates.is_active")} />
          </div>
        </Card>
        <div className="flex min-w-0 flex-col gap-5 lg:sticky lg:top-0">
          <Preview body={body} strategy={strategy} defaults={defaults} onMistake={setMistake} />
          {template?.channel_type === "whatsapp" && <Approving template={template} />}
          {template && <DryRun template={template} />}
        </div>
      </div>
      {!readOnly && (
        <ActionBar>
          <FormActions form={form} always={!template} leaves onCancel={onDone} />
        </ActionBar>
      )}
    </Form>
  );
}
