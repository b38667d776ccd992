import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data } from "@/api/client";
import type { Segment } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { contacts, shownName, useContactFields } from "@/contacts/data";
import { useSettled } from "@/lib/settled";
import { FormSheet } from "@/settings/common/form-sheet";
import { useChanged } from "@/settings/common/hooks";
import { rules } from "@/settings/common/rules";
import {
  FilterRows,
  formatFilter,
  FormField,
  isComplete,
  parseFilter,
  TextareaField,
  TextField,
  useReadOnly,
  useSave,
  type Filter,
} from "@/ui";

export function SegmentForm({ segment, onClose }: { segment: Segment | null; onClose: () => void }) {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const { account } = useAccount();
  const readOnly = useReadOnly();
  const changed = useChanged();
  const fields = useContactFields("segment");
  const schema = useMemo(
    () =>
      z.object({
        name: rules(settings).text(255),
        description: rules(settings).optional(1000),
        filters: z
          .custom<Filter[]>()
          .refine((rows) => rows.length > 0, t("segments.needs_one"))
          .refine((rows) => rows.every(isComplete), t("segments.incomplete")),
      }),
    [t, settings],
  );
  const form = useForm<z.infer<typeof schema>>({
    resolver: zodResolver(schema),
    defaultValues: {
      name: segment?.name ?? "",
      description: segment?.description ?? "",
      filters: (segment?.filters ?? []).map(parseFilter).filter((filter) => filter !== null),
    },
  });
  const saving = useSave({
    form,
    // each refused condition is named by its place
    fieldOf: (field) => (field.startsWith("filters") ? "filters" : field),
    save: async (values, kept) => {
      const body = {
        name: values.name,
        description: values.description || null,
        filters: values.filters.map(formatFilter),
      };
      if (segment) await data(api.PATCH("/v1/segments/{id}", { params: { path: { id: segment.id } }, body }));
      else await data(api.POST("/v1/segments", { body: { ...body, account_id: account.account_id } }));
      kept();
      await changed(["segments"]);
      onClose();
    },
  });
  const filters = useWatch({ control: form.control, name: "filters" });
  return (
    <FormSheet
      id="segment"
      title={segment ? t("segments.edit") : t("segments.add")}
      form={form}
      saving={saving}
      onClose={onClose}
      isNew={!segment}
      wide
    >
      <TextField control={form.control} name="name" label={t("fields.name")} required autoFocus={!segment} />
      <TextareaField control={form.control} name="description" label={settings("fields.description")} rows={2} />
      <FormField
        control={form.control}
        name="filters"
        label={t("segments.conditions")}
        hint={t("segments.all_hold")}
        group
        required
      >
        {(field) => (
          <FilterRows
            fields={fields}
            rows={field.value}
            onChange={(rows) => field.onChange(rows)}
            disabled={readOnly}
          />
        )}
      </FormField>
      <Matching filters={filters.filter(isComplete)} />
    </FormSheet>
  );
}

/** Who is in it as it stands. Times from today are said to lists as days. */
function Matching({ filters }: { filters: Filter[] }) {
  const { t, i18n } = useTranslation("people");
  const { account } = useAccount();
  const asked = useSettled(filters.map((filter) => formatFilter({ ...filter, value: fixed(filter.value) })));
  const found = useQuery({
    queryKey: ["contacts", "matching", account.account_id, asked],
    queryFn: () => contacts.list({ account_id: account.account_id, filter: asked, skip: 0, limit: 5 }),
    enabled: asked.length > 0,
    retry: false,
  });
  if (asked.length === 0) return null;
  return (
    <section aria-live="polite" className="rounded-xl border border-line bg-card p-3">
      {found.error ? (
        <p className="text-red">{found.error.message}</p>
      ) : (
        found.data && (
          <>
            <p className="font-medium">
              {t("segments.matching", {
                count: found.data.meta.total,
                shown:
                  found.data.meta.total.toLocaleString(i18n.language) + (found.data.meta.total_is_minimum ? "+" : ""),
              })}
            </p>
            <p className="truncate text-muted">{found.data.data.map(shownName).join(", ")}</p>
          </>
        )
      )}
    </section>
  );
}

const fixed = (value: string): string => {
  const days = /^now-(\d+)d$/.exec(value)?.[1];
  return days === undefined ? value : new Date(Date.now() - Number(days) * 86_400_000).toISOString().slice(0, 10);
};
