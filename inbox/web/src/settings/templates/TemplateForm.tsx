import { zodResolver } from "@hookform/resolvers/zod";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { CheckboxField, Field, FormField, Input, RadioGroup, Select, TextField, useSave } from "@/ui";
import { CHANNEL_TYPES, channelOptions } from "../common/channels";
import { FormSheet } from "../common/form-sheet";
import { useChanged } from "../common/hooks";
import { rules } from "../common/rules";
import { TextWithVariables } from "../common/text-with-variables";
import { variablesOf } from "./variables";

type Template = Schemas["TemplateView"];
const MOST = 10_000;
/** Radix gives no item the empty value. */
const EVERY = "every";
const STRATEGIES = ["keep_placeholder", "use_default", "skip_contact"] as const;

export function TemplateForm({ template, onClose }: { template: Template | null; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const schema = useMemo(() => {
    const rule = rules(t);
    return z.object({
      name: rule.text(255),
      body: rule.text(MOST),
      category: rule.optional(100),
      language: z
        .string()
        .trim()
        .regex(/^([A-Za-z]{2,3}([-_][A-Za-z0-9]+)?)?$/, t("errors.language")),
      channel_type: z.enum([EVERY, ...CHANNEL_TYPES]),
      fallback_strategy: z.enum(STRATEGIES),
      default_values: z.record(z.string(), z.string()),
      is_active: z.boolean(),
    });
  }, [t]);
  const form = useForm<z.infer<typeof schema>>({
    resolver: zodResolver(schema),
    defaultValues: {
      name: template?.name ?? "",
      body: template?.body ?? "",
      category: template?.category ?? "",
      language: template?.language ?? "",
      channel_type: template?.channel_type ?? EVERY,
      fallback_strategy: template?.fallback_strategy ?? "keep_placeholder",
      default_values: (template?.default_values ?? {}) as Record<string, string>,
      is_active: template?.is_active ?? true,
    },
  });
  const saving = useSave({
    form,
    save: async (values) => {
      const body = {
        ...values,
        category: values.category || null,
        language: values.language || null,
        channel_type: values.channel_type === EVERY ? null : values.channel_type,
        default_values: values.default_values,
      };
      if (template) await data(api.PATCH("/v1/templates/{id}", { params: { path: { id: template.id } }, body }));
      else await data(api.POST("/v1/templates", { body: { ...body, account_id: account.account_id } }));
      form.reset(values);
      await changed(["templates"]);
      onClose();
    },
  });
  const [body, strategy, defaults] = useWatch({
    control: form.control,
    name: ["body", "fallback_strategy", "default_values"],
  });
  const variables = variablesOf(body);
  return (
    <FormSheet
      id="template"
      title={template ? t("templates.edit") : t("templates.add")}
      form={form}
      saving={saving}
      onClose={onClose}
      isNew={!template}
      after={<Sample body={body} strategy={strategy} defaults={defaults} />}
    >
      <TextField control={form.control} name="name" label={t("fields.name")} required autoFocus={!template} />
      <FormField
        control={form.control}
        name="body"
        label={t("templates.body")}
        hint={t("templates.body_hint")}
        required
      >
        {(field) => (
          <TextWithVariables value={field.value} onChange={field.onChange} onBlur={field.onBlur} most={MOST} />
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
      {strategy === "use_default" &&
        variables.map((name) => (
          <Field key={name} label={t("templates.default_for", { name })}>
            <Input
              value={defaults[name] ?? ""}
              onChange={(event) =>
                form.setValue("default_values", { ...defaults, [name]: event.target.value }, { shouldDirty: true })
              }
            />
          </Field>
        ))}
      <div className="grid gap-4 sm:grid-cols-2">
        <FormField control={form.control} name="channel_type" label={t("fields.channel")}>
          {(field) => (
            <Select
              value={field.value}
              onChange={field.onChange}
              options={[{ value: EVERY, label: t("templates.every_channel") }, ...channelOptions(t)]}
            />
          )}
        </FormField>
        <TextField control={form.control} name="language" label={t("fields.language")} placeholder="en" />
      </div>
      <TextField control={form.control} name="category" label={t("fields.category")} />
      <CheckboxField control={form.control} name="is_active" label={t("templates.is_active")} />
    </FormSheet>
  );
}

interface SampleProps {
  body: string;
  strategy: (typeof STRATEGIES)[number];
  defaults: Record<string, string>;
}

/** What the text becomes with made-up values, as it is typed. */
function Sample({ body, strategy, defaults }: SampleProps) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const asked = useDeferred({ body, fallback_strategy: strategy, default_values: defaults });
  const sample = useQuery({
    queryKey: ["templates", "preview", account.account_id, asked],
    queryFn: () => data(api.POST("/v1/templates/preview", { body: { ...asked, account_id: account.account_id } })),
    enabled: asked.body.trim() !== "",
    placeholderData: keepPreviousData,
  });
  if (!sample.data || !body.trim()) return null;
  return (
    <section className="mt-6 border-t border-line pt-4" aria-live="polite">
      <h3 className="font-medium">{t("templates.sample")}</h3>
      <p className="text-xs text-faint">{t("templates.sample_text")}</p>
      <p className="mt-2 max-w-sm rounded-2xl rounded-br-md bg-blue/12 px-3.5 py-2.5 break-words whitespace-pre-wrap">
        {sample.data.body ?? t("templates.skipped")}
      </p>
      {sample.data.unresolved.length > 0 && (
        <p className="mt-2 text-xs text-orange">
          {t("templates.unresolved", { names: sample.data.unresolved.join(", ") })}
        </p>
      )}
    </section>
  );
}

/** Milliseconds after the last letter. */
const TYPING = 400;

/** A value as it was when typing paused. */
function useDeferred<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  const key = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING);
    return () => clearTimeout(timer);
  }, [key]); // eslint-disable-line react-hooks/exhaustive-deps
  return settled;
}
