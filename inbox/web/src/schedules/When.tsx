import type { UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Card } from "@/settings/common/page";
import { TimezoneSelect } from "@/settings/common/timezone";
import { Banner, FormField, Input, RadioGroup, Skeleton, TextField } from "@/ui";
import { Calendar } from "./Calendar";
import { endOf, firstAt, type Values } from "./form";
import { RepeatField } from "./RepeatField";
import { formatRule, isWhole } from "./rule";
import { Times, useRuns } from "./Runs";
import { wallOf } from "./zoned";

interface WhenProps {
  form: UseFormReturn<Values, unknown, Values>;
  values: Values;
  isNew: boolean;
}

/** The first time, how it repeats, and what comes of both. */
export function When({ form, values, isNew }: WhenProps) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const { control } = form;
  const runs = useRuns({
    scheduled_at: firstAt(values)?.toISOString() ?? null,
    timezone: values.timezone,
    recurrence_rule: isWhole(values.repeat) ? formatRule(values.repeat) : "",
    recurrence_end_at: endOf(values),
    recipient_timezone: values.recipient_timezone,
    count: values.repeat.kind !== "once" && values.ends === "count" ? Number(values.recurrence_count) || null : null,
  });
  const today = wallOf(new Date(), values.timezone).slice(0, 10);
  return (
    <Card title={t("schedules.when")}>
      <div className="grid gap-6 lg:grid-cols-[18rem_minmax(0,1fr)_14rem]">
        <Calendar
          value={values.day}
          least={isNew ? today : ""}
          marked={(runs.data ?? []).map((at) => wallOf(new Date(at), values.timezone).slice(0, 10))}
          onChange={(day) => form.setValue("day", day, { shouldDirty: true })}
        />
        <div className="flex min-w-0 flex-col gap-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <FormField control={control} name="day" label={t("schedules.day")} required>
              {(field) => <Input {...field} type="date" />}
            </FormField>
            <FormField control={control} name="time" label={t("schedules.time")} required>
              {(field) => <Input {...field} type="time" />}
            </FormField>
          </div>
          <FormField control={control} name="timezone" label={settings("fields.timezone")} required>
            {(field) => <TimezoneSelect value={field.value} onChange={field.onChange} />}
          </FormField>
          <FormField control={control} name="repeat" label={t("schedules.recurrence")} group>
            {(field) => <RepeatField value={field.value} onChange={field.onChange} />}
          </FormField>
          {values.repeat.kind !== "once" && (
            <>
              <FormField control={control} name="ends" label={t("schedules.ends")} group>
                {(field) => (
                  <RadioGroup
                    look="row"
                    label={t("schedules.ends")}
                    value={field.value}
                    onChange={field.onChange}
                    options={(["never", "date", "count"] as const).map((value) => ({
                      value,
                      label: t(`schedules.end.${value}`),
                    }))}
                  />
                )}
              </FormField>
              {values.ends === "date" && (
                <FormField
                  control={control}
                  name="last_day"
                  label={t("schedules.last_day")}
                  required
                  className="max-w-56"
                >
                  {(field) => <Input {...field} type="date" min={values.day} />}
                </FormField>
              )}
              {values.ends === "count" && (
                <TextField
                  control={control}
                  name="recurrence_count"
                  type="number"
                  label={t("schedules.count")}
                  required
                  className="max-w-56"
                />
              )}
            </>
          )}
        </div>
        <section aria-live="polite" aria-label={t("schedules.next_runs")}>
          <h4 className="mb-2 font-medium">{t("schedules.next_runs")}</h4>
          {runs.error ? (
            <Banner tone="orange">{runs.error.message}</Banner>
          ) : runs.data ? (
            <Times times={runs.data} zone={values.timezone} />
          ) : (
            runs.isFetching && <Skeleton className="h-20" />
          )}
        </section>
      </div>
    </Card>
  );
}
