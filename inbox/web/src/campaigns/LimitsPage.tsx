import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { useChanged } from "@/settings/common/hooks";
import { Loaded } from "@/settings/common/loaded";
import { ActionBar, Card, PageHeader } from "@/settings/common/page";
import { rules } from "@/settings/common/rules";
import { Form, FormActions, FormField, Input, TextField, useSave, useUnsaved } from "@/ui";

type Limits = Schemas["One_SendingLimits"]["data"];

export function LimitsPage() {
  const { t } = useTranslation("sending");
  const { account } = useAccount();
  return (
    <>
      <PageHeader back={null} title={t("limits.title")} text={t("limits.text")} />
      <Loaded of={["sending-limits", account.account_id]} read={() => data(api.GET("/v1/sending-limits"))}>
        {(limits) => (
          <div className="flex flex-col gap-5">
            <Usage limits={limits} />
            <LimitsForm limits={limits} />
          </div>
        )}
      </Loaded>
    </>
  );
}

function Usage({ limits }: { limits: Limits }) {
  const { t, i18n } = useTranslation("sending");
  const number = new Intl.NumberFormat(i18n.language);
  const parts = [
    ["today", limits.used_today, limits.daily_messages],
    ["this_month", limits.used_this_month, limits.monthly_messages],
  ] as const;
  return (
    <Card title={t("limits.usage")} text={t("limits.usage_text")}>
      <div className="grid gap-5 sm:grid-cols-2">
        {parts.map(([name, used, most]) => (
          <div key={name}>
            <p className="text-muted">{t(`limits.${name}`)}</p>
            <p className="mt-0.5">
              <span className="text-2xl font-semibold tabular-nums">{number.format(used)}</span>{" "}
              <span className="text-muted tabular-nums">
                {most === null ? t("limits.no_quota") : t("limits.of", { most: number.format(most) })}
              </span>
            </p>
            {most !== null && (
              <span
                role="meter"
                aria-label={t(`limits.${name}`)}
                aria-valuemin={0}
                aria-valuemax={most}
                aria-valuenow={Math.min(used, most)}
                className="mt-2 block h-2 overflow-hidden rounded-full bg-raised"
              >
                <span
                  className={used >= most ? "block h-full bg-red" : "block h-full bg-blue"}
                  style={{ width: `${Math.min(100, (used / Math.max(1, most)) * 100)}%` }}
                />
              </span>
            )}
          </div>
        ))}
      </div>
    </Card>
  );
}

function LimitsForm({ limits }: { limits: Limits }) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const schema = useMemo(() => {
    const both = t("limits.both");
    return z
      .object({
        quiet_from: z.string(),
        quiet_until: z.string(),
        most_messages: rules(settings).number(1, 1000),
        most_days: rules(settings).number(1, 365),
      })
      .superRefine((values, refuse) => {
        const pairs = [
          ["quiet_from", "quiet_until"],
          ["most_messages", "most_days"],
        ] as const;
        for (const pair of pairs) {
          const missing = pair.find((name) => !values[name]);
          if (missing && pair.some((name) => values[name])) {
            refuse.addIssue({ code: "custom", path: [missing], message: both });
          }
        }
      });
  }, [t, settings]);
  type Values = z.infer<typeof schema>;
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(schema) as never,
    defaultValues: {
      quiet_from: limits.quiet_from?.slice(0, 5) ?? "",
      quiet_until: limits.quiet_until?.slice(0, 5) ?? "",
      most_messages: limits.most_messages,
      most_days: limits.most_days,
    },
  });
  const saving = useSave<Values>({
    form,
    save: async (values, kept) => {
      const body = {
        account_id: account.account_id,
        quiet_from: values.quiet_from || null,
        quiet_until: values.quiet_until || null,
        most_messages: values.most_messages,
        most_days: values.most_days,
      };
      await data(api.PUT("/v1/sending-limits", { body }));
      kept();
      await changed(["sending-limits"]);
    },
  });
  useUnsaved(form.formState.isDirty);
  return (
    <Form form={form} saving={saving}>
      <div className="grid gap-5 lg:grid-cols-2">
        <Card title={t("limits.quiet")} text={t("limits.quiet_text")}>
          <div className="grid gap-4 sm:grid-cols-2">
            <FormField control={form.control} name="quiet_from" label={t("limits.quiet_from")}>
              {(field) => <Input {...field} type="time" />}
            </FormField>
            <FormField control={form.control} name="quiet_until" label={t("limits.quiet_until")}>
              {(field) => <Input {...field} type="time" />}
            </FormField>
          </div>
        </Card>
        <Card title={t("limits.cap")} text={t("limits.cap_text")}>
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField control={form.control} name="most_messages" type="number" label={t("limits.most_messages")} />
            <TextField control={form.control} name="most_days" type="number" label={t("limits.most_days")} />
          </div>
        </Card>
      </div>
      <ActionBar>
        <FormActions form={form} onCancel={() => form.reset()} />
      </ActionBar>
    </Form>
  );
}
