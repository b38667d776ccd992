import { zodResolver } from "@hookform/resolvers/zod";
import { Ban, Plus } from "lucide-react";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data, done, page, type Schemas } from "@/api/client";
import { useChannels } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { CHANNEL_TYPES, channelOptions } from "@/settings/common/channels";
import { FormSheet } from "@/settings/common/form-sheet";
import { useChanged, useOpened } from "@/settings/common/hooks";
import { ListView } from "@/settings/common/list-page";
import { PageHeader } from "@/settings/common/page";
import { RowMenu } from "@/settings/common/row-menu";
import { rules } from "@/settings/common/rules";
import { Ago } from "@/settings/common/time";
import {
  Badge,
  Button,
  columnsOf,
  EmptyState,
  FormField,
  Select,
  TextField,
  useReadOnly,
  useSave,
  type FilterField,
} from "@/ui";

type Suppression = Schemas["Many_SuppressionView"]["data"][number];
const REASONS = ["opt_out", "bounce", "complaint", "manual"] as const;
const column = columnsOf<Suppression>();

export function SuppressionsPage() {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const changed = useChanged();
  const channels = useChannels();
  const columns = useMemo(
    () =>
      column.columns([
        column.accessor("address", {
          header: t("suppressions.address"),
          enableSorting: false,
          cell: ({ getValue }) => <span className="font-medium whitespace-nowrap">{getValue()}</span>,
        }),
        column.accessor("channel_type", {
          header: settings("fields.channel"),
          enableSorting: false,
          cell: ({ row: { original } }) =>
            channels.find(({ id }) => id === original.channel_id)?.name ??
            settings(`channel_types.${original.channel_type}`),
        }),
        column.accessor("reason", {
          header: t("suppressions.reason"),
          enableSorting: false,
          cell: ({ getValue }) => <Badge tone="orange">{t(`suppressions.reasons.${getValue()}`)}</Badge>,
        }),
        column.accessor("note", {
          header: t("suppressions.note"),
          enableSorting: false,
          cell: ({ getValue }) => <span className="block max-w-64 truncate text-muted">{getValue() ?? "—"}</span>,
        }),
        column.accessor("created_at", { header: t("fields.created"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
        column.display({
          id: "actions",
          header: () => <span className="sr-only">{settings("actions")}</span>,
          meta: { align: "end" },
          cell: ({ row: { original } }) => (
            <RowMenu
              name={original.address}
              onDelete={{
                title: t("suppressions.lift_title", { address: original.address }),
                text: t("suppressions.lift_text"),
                label: t("suppressions.lift"),
                action: async () => {
                  await done(api.DELETE("/v1/suppressions/{id}", { params: { path: { id: original.id } } }));
                  await changed(["suppressions"]);
                },
              }}
            />
          ),
        }),
      ]),
    [t, settings, channels, changed],
  );
  const filters = useMemo<FilterField[]>(
    () => [
      {
        name: "reason",
        label: t("suppressions.reason"),
        kind: "select",
        options: REASONS.map((value) => ({ value, label: t(`suppressions.reasons.${value}`) })),
      },
      { name: "channel_type", label: settings("fields.channel"), kind: "select", options: channelOptions(settings) },
      { name: "created_at", label: t("fields.created"), kind: "date" },
    ],
    [t, settings],
  );
  const add = !readOnly && (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t("suppressions.add")}
    </Button>
  );
  return (
    <>
      <PageHeader back={null} title={t("suppressions.title")} text={t("suppressions.text")} actions={add} />
      <ListView<Suppression>
        name="suppressions"
        label={t("suppressions.title")}
        columns={columns}
        rowId={(one) => one.id}
        searchField="address"
        filters={filters}
        sort={{ field: "created_at", desc: true }}
        limit={25}
        read={(query) => page(api.GET("/v1/suppressions", { params: { query } }))}
        empty={
          <EmptyState icon={<Ban />} title={t("suppressions.empty")} text={t("suppressions.empty_text")} action={add} />
        }
      />
      {opened === "new" && <NewSuppression onClose={() => open(null)} />}
    </>
  );
}

function NewSuppression({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const schema = useMemo(
    () =>
      z.object({
        channel_type: z.enum(CHANNEL_TYPES as [Suppression["channel_type"]]),
        address: rules(settings).text(255),
        note: rules(settings).optional(500),
      }),
    [settings],
  );
  const form = useForm<z.infer<typeof schema>>({
    resolver: zodResolver(schema),
    defaultValues: { channel_type: "sms", address: "", note: "" },
  });
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = { ...values, note: values.note || null, account_id: account.account_id };
      await data(api.POST("/v1/suppressions", { body }));
      kept();
      await changed(["suppressions"]);
      onClose();
    },
  });
  return (
    <FormSheet small id="suppression" title={t("suppressions.add")} form={form} saving={saving} onClose={onClose} isNew>
      <FormField control={form.control} name="channel_type" label={settings("fields.channel")}>
        {(field) => <Select value={field.value} onChange={field.onChange} options={channelOptions(settings)} />}
      </FormField>
      <TextField control={form.control} name="address" label={t("suppressions.address")} required autoFocus />
      <TextField control={form.control} name="note" label={t("suppressions.note")} />
    </FormSheet>
  );
}
