import { zodResolver } from "@hookform/resolvers/zod";
import { Plus, Tag } from "lucide-react";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data, done, page, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { Button, ColorInput, columnsOf, EmptyState, FormField, TextField, useReadOnly, useSave } from "@/ui";
import { FormSheet } from "../common/form-sheet";
import { useChanged, useOpened } from "../common/hooks";
import { ListView } from "../common/list-page";
import { Opened } from "../common/opened";
import { PageHeader } from "../common/page";
import { RowMenu } from "../common/row-menu";
import { rules } from "../common/rules";
import { Ago } from "../common/time";

type Label = Schemas["LabelView"];
const column = columnsOf<Label>();
const COLORS = ["#389CF7", "#06B6D4", "#22C55E", "#F59E0B", "#EF4444", "#A78BFA", "#EC4899"];

export function LabelsPage() {
  const { t } = useTranslation("settings");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const changed = useChanged();
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
        column.display({
          id: "actions",
          header: () => <span className="sr-only">{t("actions")}</span>,
          meta: { align: "end" },
          cell: ({ row: { original } }) => (
            <RowMenu
              name={original.name}
              onOpen={() => open(original.id)}
              onDelete={{
                title: t("labels.delete_title", { name: original.name }),
                text: t("labels.delete_text"),
                action: async () => {
                  await done(api.DELETE("/v1/labels/{id}", { params: { path: { id: original.id } } }));
                  await changed(["labels"], t("deleted"));
                },
              }}
            />
          ),
        }),
      ]),
    [t, open, changed],
  );
  const add = !readOnly && (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t("labels.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("sections.labels")} text={t("labels.text")} actions={add} />
      <ListView<Label>
        name="labels"
        label={t("sections.labels")}
        columns={columns}
        rowId={(label) => label.id}
        searchField="name"
        sort={{ field: "name", desc: false }}
        read={(query) => page(api.GET("/v1/labels", { params: { query } }))}
        onRowClick={(label) => open(label.id)}
        empty={<EmptyState icon={<Tag />} title={t("labels.empty")} text={t("labels.empty_text")} action={add} />}
      />
      <Opened
        id={opened}
        kind="labels"
        title={t("labels.edit")}
        small
        onClose={() => open(null)}
        read={(id) => data(api.GET("/v1/labels/{id}", { params: { path: { id } } }))}
      >
        {(label) => <LabelForm label={label} onClose={() => open(null)} />}
      </Opened>
    </>
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
    save: async (body) => {
      if (label) await data(api.PATCH("/v1/labels/{id}", { params: { path: { id: label.id } }, body }));
      else await data(api.POST("/v1/labels", { body: { ...body, account_id: account.account_id } }));
      form.reset(body);
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
