import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Copy, FileText, Plus, RefreshCw } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done, page } from "@/api/client";
import { useChannels } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { channelOptions } from "@/settings/common/channels";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import { ListView } from "@/settings/common/list-page";
import { PageHeader } from "@/settings/common/page";
import { RowMenu } from "@/settings/common/row-menu";
import { Ago } from "@/settings/common/time";
import { Badge, Button, columnsOf, EmptyState, MenuItem, Tooltip, useReadOnly, type FilterField } from "@/ui";
import { Chips } from "./Chips";
import { approvalTone, qualityTone, STRATEGIES, type Template } from "./data";

const column = columnsOf<Template>();
const APPROVALS = ["pending", "approved", "rejected"];

export function TemplatesPage() {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const readOnly = useReadOnly();
  const navigate = useNavigate();
  const changed = useChanged();
  const columns = useMemo(() => {
    const open = (id: string) => void navigate({ to: "/templates/$templateId", params: { templateId: id } });
    return column.columns([
      column.accessor("name", {
        header: settings("fields.name"),
        meta: { primary: true },
        cell: ({ getValue }) => (
          <span title={getValue()} className="block max-w-44 truncate">
            {getValue()}
          </span>
        ),
      }),
      column.accessor("body", {
        header: t("templates.body"),
        enableSorting: false,
        cell: ({ getValue }) => (
          <p className="max-w-52 min-w-40 truncate text-muted">
            <Chips text={getValue()} className="whitespace-nowrap" />
          </p>
        ),
      }),
      column.accessor("category", {
        header: settings("fields.category"),
        cell: ({ getValue }) => (getValue() ? <Badge>{getValue()}</Badge> : <span className="text-faint">—</span>),
      }),
      column.accessor("channel_type", {
        header: settings("fields.channel"),
        meta: { className: "whitespace-nowrap" },
        cell: ({ getValue }) => (getValue() ? settings(`channel_types.${getValue()}`) : t("templates.every_channel")),
      }),
      column.accessor("variables", {
        header: t("templates.variables"),
        enableSorting: false,
        cell: ({ getValue }) => (
          <Tooltip text={getValue().join(", ") || "—"}>
            <span className="whitespace-nowrap tabular-nums">
              {t("templates.variable_count", { count: getValue().length })}
            </span>
          </Tooltip>
        ),
      }),
      column.accessor("fallback_strategy", {
        header: t("templates.fallback"),
        enableSorting: false,
        meta: { hidden: true, className: "whitespace-nowrap" },
        cell: ({ getValue }) => t(`templates.strategies.${getValue()}`),
      }),
      column.accessor("language", {
        header: settings("fields.language"),
        enableSorting: false,
        meta: { hidden: true },
        cell: ({ getValue }) => getValue() ?? "—",
      }),
      column.accessor("approval_status", {
        header: t("templates.approval"),
        enableSorting: false,
        cell: ({ row: { original } }) => <Approval template={original} />,
      }),
      column.accessor("is_active", {
        header: settings("fields.status"),
        enableSorting: false,
        cell: ({ getValue }) => (
          <Badge tone={getValue() ? "green" : "neutral"}>{settings(getValue() ? "active" : "inactive")}</Badge>
        ),
      }),
      column.accessor("created_at", {
        header: settings("fields.created"),
        cell: ({ getValue }) => <Ago at={getValue()} />,
      }),
      column.display({
        id: "actions",
        header: () => <span className="sr-only">{settings("actions")}</span>,
        meta: { align: "end" },
        cell: ({ row: { original } }) => (
          <RowMenu
            name={original.name}
            onOpen={() => open(original.id)}
            onDelete={{
              title: t("templates.delete_title", { name: original.name }),
              text: t("templates.delete_text"),
              action: async () => {
                await done(api.DELETE("/v1/templates/{id}", { params: { path: { id: original.id } } }));
                await changed(["templates"], settings("deleted"));
              },
            }}
          >
            <MenuItem
              icon={<Copy aria-hidden />}
              onSelect={() => void navigate({ to: "/templates/new", search: { from: original.id } as never })}
            >
              {t("templates.duplicate")}
            </MenuItem>
          </RowMenu>
        ),
      }),
    ]);
  }, [t, settings, navigate, changed]);
  const filters = useFilters();
  const add = !readOnly && (
    <Button variant="primary" asChild>
      <Link to="/templates/new">
        <Plus aria-hidden className="size-4" />
        {t("templates.add")}
      </Link>
    </Button>
  );
  return (
    <>
      <PageHeader
        back={null}
        title={t("templates.title")}
        text={t("templates.text")}
        actions={
          <>
            {!readOnly && <Sync />}
            {add}
          </>
        }
      />
      <ListView<Template>
        name="templates"
        label={t("templates.title")}
        columns={columns}
        rowId={(template) => template.id}
        searchField="name"
        filters={filters}
        sort={{ field: "created_at", desc: true }}
        chooseColumns
        read={(query) => page(api.GET("/v1/templates", { params: { query } }))}
        onRowClick={({ id }) => void navigate({ to: "/templates/$templateId", params: { templateId: id } })}
        empty={
          <EmptyState icon={<FileText />} title={t("templates.empty")} text={t("templates.empty_text")} action={add} />
        }
      />
    </>
  );
}

/** What the provider decided, and how it rates what customers make of the template. */
export function Approval({ template: { approval_status: status, quality } }: { template: Template }) {
  const { t } = useTranslation("sending");
  if (!status) return <span className="text-faint">—</span>;
  return (
    <span className="inline-flex flex-wrap gap-1">
      <Badge tone={approvalTone(status)}>{t(`templates.approvals.${status}`, { defaultValue: status })}</Badge>
      {quality && quality !== "unknown" && (
        <Badge tone={qualityTone(quality)}>{t(`templates.qualities.${quality}`, { defaultValue: quality })}</Badge>
      )}
    </span>
  );
}

function useFilters(): FilterField[] {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const { account } = useAccount();
  const { data: categories } = useQuery({
    queryKey: ["templates", "categories", account.account_id],
    queryFn: () => page(api.GET("/v1/templates/categories")),
    select: (told) => told.data,
  });
  return useMemo<FilterField[]>(
    () => [
      { name: "name", label: settings("fields.name"), kind: "text" },
      {
        name: "category",
        label: settings("fields.category"),
        kind: "select",
        options: (categories ?? []).map((value) => ({ value, label: value })),
      },
      { name: "channel_type", label: settings("fields.channel"), kind: "select", options: channelOptions(settings) },
      {
        name: "approval_status",
        label: t("templates.approval"),
        kind: "select",
        options: APPROVALS.map((value) => ({ value, label: t(`templates.approvals.${value}`) })),
      },
      {
        name: "fallback_strategy",
        label: t("templates.fallback"),
        kind: "select",
        options: STRATEGIES.map((value) => ({ value, label: t(`templates.strategies.${value}`) })),
      },
      { name: "is_active", label: settings("active"), kind: "boolean" },
      { name: "created_at", label: settings("fields.created"), kind: "date" },
    ],
    [t, settings, categories],
  );
}

/** Takes over what WhatsApp says of the templates; only where there is such a channel. */
function Sync() {
  const { t } = useTranslation("sending");
  const { can } = useAccount();
  const channels = useChannels().filter((one) => one.channel_type === "whatsapp" && one.is_enabled);
  const attempt = useAttempt();
  const changed = useChanged();
  const [busy, setBusy] = useState(false);
  if (channels.length === 0 || !can("channels.manage")) return null;
  const sync = async () => {
    setBusy(true);
    await attempt(async () => {
      let [made, updated] = [0, 0];
      for (const { id } of channels) {
        const told = await data(api.POST("/v1/channels/{id}/templates/sync", { params: { path: { id } } }));
        made += told.made;
        updated += told.updated;
      }
      await changed(["templates"], t("templates.synced", { made, updated }));
    });
    setBusy(false);
  };
  return (
    <Button loading={busy} icon={<RefreshCw aria-hidden className="size-4" />} onClick={() => void sync()}>
      {t("templates.sync")}
    </Button>
  );
}
