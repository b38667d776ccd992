import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { FormField, Input, TextField, useSave } from "@/ui";
import { FormSheet } from "../common/form-sheet";
import { useChanged } from "../common/hooks";
import { rules } from "../common/rules";
import { TextWithVariables } from "../common/text-with-variables";

type Canned = Schemas["CannedResponseView"];
const MOST = 10_000;

export function CannedForm({ canned, onClose }: { canned: Canned | null; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const schema = useMemo(() => {
    const rule = rules(t);
    return z.object({
      short_code: z
        .string()
        .trim()
        .regex(/^[^/\s]+$/, t("canned.short_code_rule"))
        .max(49, t("errors.too_long", { count: 49 })),
      title: rule.text(255),
      category: rule.optional(100),
      content: rule.text(MOST),
    });
  }, [t]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      short_code: canned?.short_code.replace(/^\//, "") ?? "",
      title: canned?.title ?? "",
      category: canned?.category ?? "",
      content: canned?.content ?? "",
    },
  });
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = { ...values, short_code: `/${values.short_code}`, category: values.category || null };
      if (canned) await data(api.PATCH("/v1/canned-responses/{id}", { params: { path: { id: canned.id } }, body }));
      else await data(api.POST("/v1/canned-responses", { body: { ...body, account_id: account.account_id } }));
      kept();
      await changed(["canned-responses"]);
      onClose();
    },
  });
  return (
    <FormSheet
      id="canned"
      title={canned ? t("canned.edit") : t("canned.add")}
      form={form}
      saving={saving}
      onClose={onClose}
      isNew={!canned}
    >
      <FormField
        control={form.control}
        name="short_code"
        label={t("canned.short_code")}
        hint={t("canned.short_code_hint")}
        required
      >
        {(field) => (
          <Input
            {...field}
            onChange={(event) => field.onChange(event.target.value.replace(/^\/+/, ""))}
            before={<span className="font-mono">/</span>}
            className="pl-7 font-mono"
            autoFocus={!canned}
          />
        )}
      </FormField>
      <TextField control={form.control} name="title" label={t("fields.title")} hint={t("canned.title_hint")} required />
      <TextField control={form.control} name="category" label={t("fields.category")} hint={t("canned.category_hint")} />
      <FormField control={form.control} name="content" label={t("canned.content")} required>
        {(field) => (
          <TextWithVariables value={field.value} onChange={field.onChange} onBlur={field.onBlur} most={MOST} rows={7} />
        )}
      </FormField>
    </FormSheet>
  );
}
