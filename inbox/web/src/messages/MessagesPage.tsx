import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MessagesSquare, Plus } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, page } from "@/api/client";
import { useAgents, useChannels, useTemplates } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { useOpened } from "@/settings/common/hooks";
import { ListView } from "@/settings/common/list-page";
import { Opened } from "@/settings/common/opened";
import { PageHeader } from "@/settings/common/page";
import { Ago } from "@/settings/common/time";
import { Button, columnsOf, EmptyState, useReadOnly, type FilterField } from "@/ui";
import { DIRECTIONS, isUnderWay, messages, STATUSES, type Message } from "./data";
import { Beginning, Direction, Standing } from "./Looks";
import { MessageSheet } from "./MessageSheet";

const column = columnsOf<Message>();
/** Something is on its way. */
const AGAIN_MS = 5_000;

/** Every message of every conversation, to be searched and looked into. */
export function MessagesPage() {
  const { t } = useTranslation("sending");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const columns = useColumns();
  const filters = useFilters();
  const add = !readOnly && (
    <Button variant="primary" asChild>
      <Link to="/messages/new">
        <Plus aria-hidden className="size-4" />
        {t("messages.add")}
      </Link>
    </Button>
  );
  return (
    <>
      <PageHeader back={null} title={t("messages.title")} text={t("messages.text")} actions={add} />
      <ListView<Message>
        name="messages"
        label={t("messages.title")}
        columns={columns}
        rowId={(message) => message.id}
        searchField="message_body"
        filters={filters}
        sort={{ field: "created_at", desc: true }}
        limit={25}
        chooseColumns
        read={messages.list}
        again={(rows) => rows.some(isUnderWay) && AGAIN_MS}
        onRowClick={({ id }) => open(id)}
        empty={
          <EmptyState
            icon={<MessagesSquare />}
            title={t("messages.empty")}
            text={t("messages.empty_text")}
            action={add}
          />
        }
      />
      <Opened
        id={opened}
        kind="messages"
        title={t("messages.one")}
        onClose={() => open(null)}
        read={messages.one}
      >
        {(message) => message && <MessageSheet message={message} onClose={() => open(null)} />}
      </Opened>
    </>
  );
}

function useColumns() {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const channels = useChannels();
  return useMemo(
    () =>
      column.columns([
        column.accessor("delivery_address", {
          header: t("messages.address"),
          enableSorting: false,
          meta: { primary: true },
          cell: ({ row: { original } }) => {
            // a visitor's id says nothing to anybody
            const isVisitor = channels.find(({ id }) => id === original.channel_id)?.channel_type === "webchat";
            const name = original.direction === "inbound" ? original.sender_name : isVisitor && t("messages.visitor");
            return (
              <span title={original.delivery_address} className="block max-w-44 truncate">
                {name || original.delivery_address || "—"}
              </span>
            );
          },
        }),
        column.accessor("direction", {
          header: t("messages.direction"),
          enableSorting: false,
          cell: ({ row: { original } }) => <Direction of={original} />,
        }),
        column.accessor("message_body", {
          header: t("messages.message"),
          enableSorting: false,
          cell: ({ row: { original } }) => <Beginning of={original} />,
        }),
        column.accessor("channel_id", {
          header: settings("fields.channel"),
          enableSorting: false,
          cell: ({ getValue }) => {
            const name = channels.find(({ id }) => id === getValue())?.name ?? "—";
            return (
              <span title={name} className="block max-w-36 truncate">
                {name}
              </span>
            );
          },
        }),
        column.accessor("status", {
          header: settings("fields.status"),
          cell: ({ row: { original } }) => <Standing of={original} />,
        }),
        column.accessor("sender_name", {
          header: t("messages.sender"),
          enableSorting: false,
          meta: { hidden: true, className: "whitespace-nowrap" },
          cell: ({ getValue }) => getValue() ?? "—",
        }),
        column.accessor("sent_at", {
          header: t("messages.sent_at"),
          meta: { hidden: true },
          cell: ({ row: { original } }) => <Ago at={original.sent_at ?? original.scheduled_at} />,
        }),
        column.accessor("created_at", {
          header: settings("fields.created"),
          cell: ({ getValue }) => <Ago at={getValue()} />,
        }),
      ]),
    [t, settings, channels],
  );
}

/** As many as a choice has room for: the newest. */
const CAMPAIGNS = 100;

function useFilters(): FilterField[] {
  const { account } = useAccount();
  const { account_id } = account;
  const { data: campaigns } = useQuery({
    queryKey: ["group-messages", "names", account_id],
    queryFn: () =>
      page(
        api.GET("/v1/group-messages", {
          params: { query: { account_id, sort: ["created_at:desc"], limit: CAMPAIGNS } },
        }),
      ),
    staleTime: 120_000,
  });
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const { t: inbox } = useTranslation("inbox");
  const channels = useChannels();
  const templates = useTemplates();
  const agents = useAgents();
  return useMemo<FilterField[]>(
    () => [
      {
        name: "direction",
        label: t("messages.direction"),
        kind: "select",
        options: DIRECTIONS.map((value) => ({ value, label: t(`messages.directions.${value}`) })),
      },
      {
        name: "status",
        label: settings("fields.status"),
        kind: "select",
        options: STATUSES.map((value) => ({
          value,
          label: value === "permanently_failed" ? t("messages.given_up") : inbox(`delivery.${value}`),
        })),
      },
      { name: "delivery_address", label: t("messages.address"), kind: "text" },
      {
        name: "channel_id",
        label: settings("fields.channel"),
        kind: "select",
        options: channels.map(({ id, name }) => ({ value: id, label: name })),
      },
      {
        name: "sent_by_user_id",
        label: t("messages.sent_by"),
        kind: "select",
        options: agents.map(({ id, name }) => ({ value: id, label: name })),
      },
      {
        name: "template_id",
        label: t("group_messages.template"),
        kind: "select",
        options: templates.map(({ id, name }) => ({ value: id, label: name })),
      },
      {
        name: "group_message_id",
        label: t("messages.campaign"),
        kind: "select",
        options: (campaigns?.data ?? []).map(({ id, name }) => ({
          value: id,
          label: name ?? t("group_messages.untitled"),
        })),
      },
      { name: "is_private", label: t("messages.note"), kind: "boolean" },
      { name: "scheduled_at", label: t("group_messages.scheduled"), kind: "date" },
      { name: "sent_at", label: t("messages.sent_at"), kind: "date" },
      { name: "delivered_at", label: t("messages.delivered_at"), kind: "date" },
      { name: "created_at", label: settings("fields.created"), kind: "date" },
    ],
    [t, settings, inbox, channels, templates, agents, campaigns],
  );
}
