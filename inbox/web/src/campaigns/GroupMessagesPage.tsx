import { Link, useNavigate } from "@tanstack/react-router";
import { Megaphone, Plus } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useAgents, useChannels, useTemplates } from "@/api/lookups";
import { ListView } from "@/settings/common/list-page";
import { PageHeader } from "@/settings/common/page";
import { Ago } from "@/settings/common/time";
import { Button, columnsOf, EmptyState, useReadOnly, type FilterField } from "@/ui";
import { Controls } from "./Controls";
import { groupMessages, isUnderWay, STATUSES, useProgress, type GroupMessage } from "./data";
import { ProgressCell, StatusBadge } from "./Progress";

const column = columnsOf<GroupMessage>();
/** Beside the socket's news, for what it does not tell. */
const AGAIN_MS = 30_000;

export function GroupMessagesPage() {
  const { t, i18n } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const readOnly = useReadOnly();
  const navigate = useNavigate();
  const channels = useChannels();
  const templates = useTemplates();
  const agents = useAgents();
  useProgress();
  const columns = useMemo(() => {
    const number = new Intl.NumberFormat(i18n.language);
    return column.columns([
      column.accessor("name", {
        header: settings("fields.name"),
        meta: { primary: true },
        cell: ({ getValue }) => getValue() ?? <span className="text-muted">{t("group_messages.untitled")}</span>,
      }),
      column.accessor("status", {
        header: settings("fields.status"),
        cell: ({ getValue }) => <StatusBadge status={getValue()} />,
      }),
      column.display({
        id: "progress",
        header: t("group_messages.progress"),
        cell: ({ row: { original } }) => <ProgressCell of={original} />,
      }),
      column.accessor("template_id", {
        header: t("group_messages.template"),
        enableSorting: false,
        meta: { className: "whitespace-nowrap" },
        cell: ({ getValue }) => (
          <span className="block max-w-44 truncate">{templates.find(({ id }) => id === getValue())?.name ?? "—"}</span>
        ),
      }),
      column.accessor("channel_id", {
        header: settings("fields.channel"),
        enableSorting: false,
        meta: { className: "whitespace-nowrap" },
        cell: ({ getValue }) =>
          getValue() ? (channels.find(({ id }) => id === getValue())?.name ?? "—") : t("group_messages.preferred"),
      }),
      column.accessor("total_recipients", {
        header: t("group_messages.recipients"),
        meta: { align: "end" },
        cell: ({ getValue }) => <span className="tabular-nums">{number.format(getValue())}</span>,
      }),
      column.accessor("scheduled_at", {
        header: t("group_messages.scheduled"),
        meta: { hidden: true },
        cell: ({ getValue }) => <Ago at={getValue()} />,
      }),
      column.accessor("created_by_user_id", {
        header: t("group_messages.created_by"),
        enableSorting: false,
        meta: { hidden: true, className: "whitespace-nowrap" },
        cell: ({ getValue }) => agents.find(({ id }) => id === getValue())?.name ?? "—",
      }),
      column.accessor("created_at", {
        header: settings("fields.created"),
        cell: ({ getValue }) => <Ago at={getValue()} />,
      }),
      column.display({
        id: "actions",
        header: () => <span className="sr-only">{settings("actions")}</span>,
        meta: { align: "end" },
        cell: ({ row: { original } }) => <Controls message={original} inMenu />,
      }),
    ]);
  }, [t, settings, i18n.language, channels, templates, agents]);
  const filters = useMemo<FilterField[]>(
    () => [
      { name: "name", label: settings("fields.name"), kind: "text" },
      {
        name: "status",
        label: settings("fields.status"),
        kind: "select",
        options: STATUSES.map((value) => ({ value, label: t(`group_messages.statuses.${value}`) })),
      },
      {
        name: "channel_id",
        label: settings("fields.channel"),
        kind: "select",
        options: channels.map(({ id, name }) => ({ value: id, label: name })),
      },
      {
        name: "template_id",
        label: t("group_messages.template"),
        kind: "select",
        options: templates.map(({ id, name }) => ({ value: id, label: name })),
      },
      {
        name: "created_by_user_id",
        label: t("group_messages.created_by"),
        kind: "select",
        options: agents.map(({ id, name }) => ({ value: id, label: name })),
      },
      { name: "total_recipients", label: t("group_messages.recipients"), kind: "number" },
      { name: "scheduled_at", label: t("group_messages.scheduled"), kind: "date" },
      { name: "created_at", label: settings("fields.created"), kind: "date" },
    ],
    [t, settings, channels, templates, agents],
  );
  const add = !readOnly && (
    <Button variant="primary" asChild>
      <Link to="/group-messages/new">
        <Plus aria-hidden className="size-4" />
        {t("group_messages.add")}
      </Link>
    </Button>
  );
  return (
    <>
      <PageHeader back={null} title={t("group_messages.title")} text={t("group_messages.text")} actions={add} />
      <ListView<GroupMessage>
        name="group-messages"
        label={t("group_messages.title")}
        columns={columns}
        rowId={(message) => message.id}
        searchField="name"
        filters={filters}
        sort={{ field: "created_at", desc: true }}
        chooseColumns
        read={groupMessages.list}
        again={(rows) => rows.some(({ status }) => isUnderWay(status)) && AGAIN_MS}
        onRowClick={({ id }) =>
          void navigate({ to: "/group-messages/$groupMessageId", params: { groupMessageId: id } })
        }
        empty={
          <EmptyState
            icon={<Megaphone />}
            title={t("group_messages.empty")}
            text={t("group_messages.empty_text")}
            action={add}
          />
        }
      />
    </>
  );
}
