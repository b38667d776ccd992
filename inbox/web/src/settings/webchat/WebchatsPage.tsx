import { Link, useNavigate } from "@tanstack/react-router";
import { MessagesSquare, Plus } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { api, page } from "@/api/client";
import { Button, columnsOf, EmptyState, useReadOnly } from "@/ui";
import type { Channel } from "../channels/data";
import { StatusBadge } from "../channels/status";
import { ListView } from "../common/list-page";
import { PageHeader } from "../common/page";
import { Ago } from "../common/time";

const column = columnsOf<Channel>();

export function WebchatsPage() {
  const { t } = useTranslation("settings");
  const navigate = useNavigate();
  const readOnly = useReadOnly();
  const columns = useMemo(
    () =>
      column.columns([
        column.accessor("name", { header: t("fields.name"), meta: { primary: true } }),
        column.accessor("status", {
          header: t("fields.status"),
          cell: ({ getValue }) => <StatusBadge status={getValue()} />,
        }),
        column.display({
          id: "key",
          header: t("webchat.key"),
          cell: ({ row: { original } }) => {
            const { public_key } = original.settings as { public_key?: string };
            return <code className="font-mono text-[0.8125rem] text-muted">{public_key?.slice(0, 12)}…</code>;
          },
        }),
        column.display({
          id: "origins",
          header: t("webchat.origins"),
          cell: ({ row: { original } }) => {
            const { allowed_origins = [] } = original.settings as { allowed_origins?: string[] };
            return allowed_origins.length ? allowed_origins.join(", ") : t("webchat.any_origin");
          },
        }),
        column.accessor("created_at", { header: t("fields.created"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
      ]),
    [t],
  );
  const add = !readOnly && (
    <Button variant="primary" asChild>
      <Link to="/settings/webchat/new">
        <Plus aria-hidden className="size-4" />
        {t("webchat.add")}
      </Link>
    </Button>
  );
  return (
    <>
      <PageHeader title={t("sections.webchat")} text={t("webchat.text")} actions={add} />
      <ListView<Channel>
        name="channels"
        label={t("sections.webchat")}
        columns={columns}
        rowId={(channel) => channel.id}
        searchField="name"
        always={["channel_type:eq:webchat"]}
        sort={{ field: "name", desc: false }}
        read={(query) => page(api.GET("/v1/channels", { params: { query } }))}
        onRowClick={({ id }) => void navigate({ to: "/settings/webchat/$channelId", params: { channelId: id } })}
        empty={
          <EmptyState
            icon={<MessagesSquare />}
            title={t("webchat.empty")}
            text={t("webchat.empty_text")}
            action={add}
          />
        }
      />
    </>
  );
}
