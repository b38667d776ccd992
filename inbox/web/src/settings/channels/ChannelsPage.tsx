import { Link, useNavigate } from "@tanstack/react-router";
import { Plus, RadioTower } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, done, page } from "@/api/client";
import { Badge, Button, columnsOf, EmptyState, Switch, useReadOnly, type FilterField } from "@/ui";
import { ChannelIcon } from "@/inbox/channel";
import { channelOptions } from "../common/channels";
import { useChanged } from "../common/hooks";
import { ListView } from "../common/list-page";
import { PageHeader } from "../common/page";
import { RowMenu } from "../common/row-menu";
import { Ago } from "../common/time";
import { useProfiles, type Channel } from "./data";
import { StatusBadge } from "./status";
import { useSwitch } from "./useSwitch";

const column = columnsOf<Channel>();
const STATUSES = ["connected", "disconnected", "rate_limited", "error", "disabled"] as const;

export function ChannelsPage() {
  const { t } = useTranslation("settings");
  const navigate = useNavigate();
  const readOnly = useReadOnly();
  const enable = useSwitch();
  const changed = useChanged();
  const profiles = useProfiles().data;
  const columns = useMemo(() => {
    const show = ({ id, channel_type }: Channel) =>
      void (channel_type === "webchat"
        ? navigate({ to: "/settings/webchat/$channelId", params: { channelId: id } })
        : navigate({ to: "/settings/channels/$channelId", params: { channelId: id } }));
    return column.columns([
      column.accessor("name", { header: t("fields.name"), meta: { primary: true, className: "min-w-36" } }),
      column.accessor("channel_type", {
        header: t("fields.type"),
        cell: ({ row: { original } }) => {
          const profile = profiles?.find(
            (one) => one.channel_type === original.channel_type && one.provider === original.provider,
          );
          const type = t(`channel_types.${original.channel_type}`);
          return (
            <span className="inline-flex items-center gap-2 whitespace-nowrap">
              <ChannelIcon type={original.channel_type} className="size-5" />
              <span>
                {type}
                {profile && profile.display_name !== type && (
                  <span className="block text-xs text-faint">{profile.display_name}</span>
                )}
              </span>
            </span>
          );
        },
      }),
      column.accessor("status", {
        header: t("fields.status"),
        cell: ({ row: { original } }) => (
          <span className="flex flex-col items-start gap-0.5 py-1">
            <StatusBadge status={original.status} />
            {original.silent_since && <Badge tone="orange">{t("channels.silent.title")}</Badge>}
            {original.receipts_missing_since && <Badge tone="orange">{t("channels.unreceipted.title")}</Badge>}
            {original.error_message && (
              <span className="max-w-56 truncate text-xs text-red" title={original.error_message}>
                {original.error_message}
              </span>
            )}
          </span>
        ),
      }),
      column.accessor("sender_name", {
        header: t("channels.sender"),
        enableSorting: false,
        cell: ({ getValue }) => getValue() ?? <span className="text-faint">—</span>,
      }),
      column.accessor("priority", {
        header: t("channels.priority"),
        cell: ({ getValue }) => <span className="tabular-nums">{getValue()}</span>,
      }),
      column.accessor("is_enabled", {
        header: t("channels.is_enabled"),
        enableSorting: false,
        cell: ({ row: { original } }) => (
          <Switch
            hideLabel
            label={t("channels.enable", { name: original.name })}
            checked={original.is_enabled}
            onChange={(next) => void enable(original, next)}
          />
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
            onOpen={() => show(original)}
            onDelete={{
              title: t("channels.delete_title", { name: original.name }),
              text: t("channels.delete_text"),
              action: async () => {
                await done(api.DELETE("/v1/channels/{id}", { params: { path: { id: original.id } } }));
                await changed(["channels"], t("deleted"));
              },
            }}
          />
        ),
      }),
    ]);
  }, [t, navigate, enable, changed, profiles]);
  const filters = useMemo<FilterField[]>(
    () => [
      { name: "name", label: t("fields.name"), kind: "text" },
      { name: "channel_type", label: t("fields.type"), kind: "select", options: channelOptions(t) },
      {
        name: "status",
        label: t("fields.status"),
        kind: "select",
        options: STATUSES.map((value) => ({ value, label: t(`channels.statuses.${value}`) })),
      },
      { name: "is_enabled", label: t("channels.is_enabled"), kind: "boolean" },
      { name: "priority", label: t("channels.priority"), kind: "number" },
      { name: "created_at", label: t("fields.created"), kind: "date" },
      { name: "updated_at", label: t("fields.updated"), kind: "date" },
    ],
    [t],
  );
  const add = !readOnly && (
    <Button variant="primary" asChild>
      <Link to="/settings/channels/new">
        <Plus aria-hidden className="size-4" />
        {t("channels.add")}
      </Link>
    </Button>
  );
  return (
    <>
      <PageHeader title={t("sections.channels")} text={t("channels.text")} actions={add} />
      <ListView<Channel>
        name="channels"
        label={t("sections.channels")}
        columns={columns}
        rowId={(channel) => channel.id}
        searchField="name"
        filters={filters}
        sort={{ field: "name", desc: false }}
        read={(query) => page(api.GET("/v1/channels", { params: { query } }))}
        onRowClick={({ id, channel_type }) =>
          void navigate({
            to: channel_type === "webchat" ? "/settings/webchat/$channelId" : "/settings/channels/$channelId",
            params: { channelId: id },
          })
        }
        empty={
          <EmptyState icon={<RadioTower />} title={t("channels.empty")} text={t("channels.empty_text")} action={add} />
        }
      />
    </>
  );
}
