import { zodResolver } from "@hookform/resolvers/zod";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useAccount } from "@/app/account";
import { Badge, CheckboxField, Form, FormActions, TextField, useSave, useUnsaved } from "@/ui";
import { useChanged } from "../common/hooks";
import { Loaded } from "../common/loaded";
import { ActionBar, Card, PageHeader } from "../common/page";
import { ActionFields } from "./ActionFields";
import { useRules } from "./data";
import { ruleSchema } from "./schema";
import { TriggerFields } from "./TriggerFields";
import { TryBox, type Draft } from "./TryBox";
import { bodyOf, emptyRule, fieldOf, valuesOf, type Rule, type RuleValues } from "./wire";

export function NewRulePage() {
  return <RuleEditor rule={null} />;
}

export function RulePage() {
  const { ruleId } = useParams({ strict: false }) as { ruleId: string };
  return (
    <Loaded
      of={["bot-rules", "one", ruleId]}
      read={() => data(api.GET("/v1/bot-rules/{id}", { params: { path: { id: ruleId } } }))}
    >
      {(rule) => <RuleEditor key={rule.id} rule={rule} />}
    </Loaded>
  );
}

function RuleEditor({ rule }: { rule: Rule | null }) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const navigate = useNavigate();
  const changed = useChanged();
  const rules = useRules();
  const schema = useMemo(() => ruleSchema(t), [t]);
  const form = useForm<RuleValues, unknown, RuleValues>({
    resolver: zodResolver(schema),
    defaultValues: rule ? valuesOf(rule) : emptyRule(),
  });
  const { control } = form;
  // before the rules for what nothing else fits, after all others
  const priority = rule?.priority ?? nextPriority(rules.data ?? []);
  const saving = useSave({
    form,
    fieldOf,
    save: async (values, kept) => {
      const body = {
        ...bodyOf(values),
        name: values.name,
        description: values.description || null,
        is_active: values.is_active,
      };
      if (rule) {
        await data(api.PATCH("/v1/bot-rules/{id}", { params: { path: { id: rule.id } }, body: body }));
      } else {
        const made = { ...body, priority, account_id: account.account_id };
        await data(api.POST("/v1/bot-rules", { body: made }));
      }
      kept();
      await changed(["bot-rules"]);
      await navigate({ to: "/settings/bot-rules" });
    },
  });
  useUnsaved(form.formState.isDirty && !form.formState.isSubmitting);
  const draft = async (): Promise<Draft | null> => {
    const read = schema.safeParse(form.getValues());
    // a draft needs no name to be tried
    const isGood = read.success || read.error.issues.every((issue) => issue.path[0] === "name");
    if (!isGood) {
      await form.trigger(undefined, { shouldFocus: true });
      return null;
    }
    const values = form.getValues();
    const name = values.name.trim() || t("bot.try.draft");
    return { ...bodyOf(values), name, priority, ...(rule && { replaces: rule.id }) };
  };
  return (
    <>
      <PageHeader
        back={{ to: "/settings/bot-rules", label: t("sections.bot-rules") }}
        title={rule ? rule.name : t("bot.add")}
        text={t("bot.editor_text")}
        badge={rule && !rule.is_active && <Badge>{t("inactive")}</Badge>}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <Form form={form} saving={saving} className="flex flex-col gap-4">
          <Card>
            <div className="flex flex-col gap-4">
              <TextField control={control} name="name" label={t("fields.name")} required autoFocus={!rule} />
              <TextField control={control} name="description" label={t("fields.description")} />
              <CheckboxField control={control} name="is_active" label={t("bot.is_active")} />
            </div>
          </Card>
          <Card title={t("bot.when")} text={t("bot.when_text")}>
            <TriggerFields control={control} />
          </Card>
          <Card title={t("bot.then")} text={t("bot.then_text")}>
            <ActionFields control={control} />
          </Card>
          <ActionBar>
            <FormActions
              form={form}
              always={!rule}
              leaves
              onCancel={() => void navigate({ to: "/settings/bot-rules" })}
            />
          </ActionBar>
        </Form>
        <div className="xl:sticky xl:top-0">
          <TryBox draft={draft} />
        </div>
      </div>
    </>
  );
}

export function nextPriority(rules: Rule[]): number {
  const [before, fallbacks] = [
    rules.filter((rule) => rule.trigger_type !== "fallback"),
    rules.filter((rule) => rule.trigger_type === "fallback"),
  ];
  const last = Math.max(0, ...before.map((rule) => rule.priority));
  const first = Math.min(...fallbacks.map((rule) => rule.priority));
  // of equal priorities the older rule comes first, so it must be less than the first fallback's
  return first > last ? Math.min(last + 10, first - 1) : last + 10;
}
