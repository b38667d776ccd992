import { zodResolver } from "@hookform/resolvers/zod";
import { Tag } from "lucide-react";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data, done, page, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { ColorInput, columnsOf, FormField, TextField, useSave } from "@/ui";
import { Collection } from "../common/collection";
import { FormSheet } from "../common/form-sheet";
import { useChanged } from "../common/hooks";
import { rules } from "../common/rules";
import { Ago } from "../common/time";

type Label = Schemas["LabelView"];
const column = columnsOf<Label>();
const COLORS = ["#389CF7", "#06B6D4", "#22C55E", "#F59E0B", "#EF4444", "#A78BFA", "#EC4899"];

export function LabelsPage() {
  const { t } = useTranslation("settings");
  const columns = useMemo(
    () =>
      column.columns([
        column.accessor("name", {
          header: t("fields.name"),
          meta: { primary: true },
          cell: ({ row: { original } }) => (
            <span className="inline-flex min-w-0 items-center gap-2.5">
              <span
                aria-hidden
                className="size-3 shrink-0 rounded-full ring-1 ring-line"
                style={{ background: original.color ?? undefined }}
              />
              <span className="truncate">{original.name}</span>
            </span>
          ),
        }),
        column.accessor("created_at", { header: t("fields.created"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
      ]),
    [t],
  );
  return (
    <Collection<Label>
      kind="labels"
      texts="labels"
      icon={<Tag />}
      columns={columns}
      nameOf={(label) => label.name}
      searchField="name"
      sort={{ field: "name", desc: false }}
      list={(query) => page(api.GET("/v1/labels", { params: { query } }))}
      one={(id) => data(api.GET("/v1/labels/{id}", { params: { path: { id } } }))}
      remove={(id) => done(api.DELETE("/v1/labels/{id}", { params: { path: { id } } }))}
      small
    >
      {(label, open) => <LabelForm label={label} onClose={() => open(null)} />}
    </Collection>
  );
}

function LabelForm({ label, onClose }: { label: Label | null; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const schema = useMemo(() => z.object({ name: rules(t).text(100), color: rules(t).color() }), [t]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      name: label?.name ?? "",
      color: label?.color ?? COLORS[Math.floor(Math.random() * COLORS.length)] ?? "#389CF7",
    },
  });
  const saving = useSave({
    form,
    save: async (body, kept) => {
      if (label) await data(api.PATCH("/v1/labels/{id}", { params: { path: { id: label.id } }, body }));
      else await data(api.POST("/v1/labels", { body: { ...body, account_id: account.account_id } }));
      kept();
      await changed(["labels"]);
      onClose();
    },
  });
  return (
    <FormSheet
      small
      id="label"
      title={label ? t("labels.edit") : t("labels.add")}
      form={form}
      saving={saving}
      onClose={onClose}
      isNew={!label}
    >
      <TextField control={form.control} name="name" label={t("fields.name")} required autoFocus />
      <FormField control={form.control} name="color" label={t("fields.color")} required>
        {(field) => (
          <ColorInput value={field.value} onChange={field.onChange} onBlur={field.onBlur} label={t("pick_color")} />
        )}
      </FormField>
    </FormSheet>
  );
}
