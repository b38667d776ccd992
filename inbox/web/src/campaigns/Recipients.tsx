import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download, MessagesSquare, Users } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, page } from "@/api/client";
import { useChannels } from "@/api/lookups";
import { download } from "@/lib/download";
import { useAttempt } from "@/settings/common/hooks";
import { ListView } from "@/settings/common/list-page";
import { Ago } from "@/settings/common/time";
import { Badge, Button, columnsOf, EmptyState, type FilterField, type Tone } from "@/ui";
import { isUnderWay, type GroupMessage, type Recipient } from "./data";

const column = columnsOf<Recipient>();
const STATES = ["pending", "sending", "sent", "delivered", "failed", "unknown", "cancelled", "skipped"] as const;
const tones: Record<Recipient["state"], Tone> = {
  pending: "neutral",
  sending: "blue",
  sent: "blue",
  delivered: "green",
  failed: "red",
  unknown: "orange",
  cancelled: "neutral",
  skipped: "neutral",
};
/** While it runs the rows change under one's eyes. */
const AGAIN_MS = 5_000;

/** What became of each recipient, to be searched and taken along as a file. */
export function Recipients({ message }: { message: GroupMessage }) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const channels = useChannels();
  const client = useQueryClient();
  // at a change of the status the rows have changed too, and at each receipt that comes after the end
  const state = isUnderWay(message.status) ? message.status : message.version;
  useEffect(() => void client.invalidateQueries({ queryKey: ["recipients"] }), [client, state]);
  const columns = useMemo(
    () =>
      column.columns([
        column.display({
          id: "name",
          header: settings("fields.name"),
          cell: ({ row: { original } }) =>
            original.contact_id ? (
              <Link
                to="/contacts"
                search={{ open: original.contact_id } as never}
                className="font-medium whitespace-nowrap hover:text-blue hover:underline"
              >
                {original.name || original.address || "—"}
              </Link>
            ) : (
              <span className="whitespace-nowrap">{original.name || "—"}</span>
            ),
        }),
        column.accessor("address", {
          header: t("recipients.address"),
          enableSorting: false,
          cell: ({ getValue }) => <span className="whitespace-nowrap tabular-nums">{getValue() ?? "—"}</span>,
        }),
        column.accessor("state", {
          header: settings("fields.status"),
          enableSorting: false,
          cell: ({ getValue }) => <Badge tone={tones[getValue()]}>{t(`recipients.states.${getValue()}`)}</Badge>,
        }),
        column.accessor("reason", {
          header: t("recipients.reason"),
          enableSorting: false,
          cell: ({ row: { original } }) => <Reason of={original} />,
        }),
        column.accessor("channel_id", {
          header: settings("fields.channel"),
          enableSorting: false,
          meta: { hidden: true },
          cell: ({ getValue }) => channels.find(({ id }) => id === getValue())?.name ?? "—",
        }),
        column.accessor("attempts", {
          header: t("recipients.attempts"),
          enableSorting: false,
          meta: { hidden: true, align: "end" },
        }),
        column.accessor("updated_at", {
          header: settings("fields.updated"),
          cell: ({ getValue }) => <Ago at={getValue()} />,
        }),
      ]),
    [t, settings, channels],
  );
  const filters = useMemo<FilterField[]>(
    () => [
      {
        name: "state",
        label: settings("fields.status"),
        kind: "select",
        options: STATES.map((value) => ({ value, label: t(`recipients.states.${value}`) })),
      },
      { name: "reason", label: t("recipients.reason"), kind: "text" },
      {
        name: "channel_id",
        label: settings("fields.channel"),
        kind: "select",
        options: channels.map(({ id, name }) => ({ value: id, label: name })),
      },
      { name: "updated_at", label: settings("fields.updated"), kind: "date" },
    ],
    [t, settings, channels],
  );
  return (
    <section aria-labelledby="recipients">
      <h3 id="recipients" className="mb-3 text-base font-semibold">
        {t("recipients.title")}
      </h3>
      <ListView<Recipient>
        name="recipients"
        of={[message.id]}
        label={t("recipients.title")}
        columns={columns}
        rowId={(row) => row.id}
        searchField="address"
        filters={filters}
        limit={25}
        chooseColumns
        tools={() => (
          <>
            <Button asChild>
              <Link to="/messages" search={{ filter: [`group_message_id:eq:${message.id}`] } as never}>
                <MessagesSquare aria-hidden className="size-4" />
                {t("recipients.messages")}
              </Link>
            </Button>
            <Csv message={message} />
          </>
        )}
        read={(query) =>
          page(api.GET("/v1/group-messages/{id}/recipients", { params: { path: { id: message.id }, query } }))
        }
        again={() => isUnderWay(message.status) && message.status !== "paused" && AGAIN_MS}
        empty={<EmptyState icon={<Users />} title={t("recipients.empty")} text={t("recipients.empty_text")} />}
      />
    </section>
  );
}

function Reason({ of }: { of: Recipient }) {
  const { t } = useTranslation("sending");
  const { reason, error } = of;
  const missing = reason?.startsWith("missing: ") ? reason.slice("missing: ".length) : null;
  const known = missing
    ? t("reasons.missing", { names: missing })
    : reason && t(`reasons.${reason}`, { defaultValue: reason });
  const text = [known, error].filter(Boolean).join(" — ");
  if (!text) return <span className="text-faint">—</span>;
  return (
    <span title={text} className="block max-w-72 truncate text-muted">
      {text}
    </span>
  );
}

function Csv({ message }: { message: GroupMessage }) {
  const { t } = useTranslation("sending");
  const attempt = useAttempt();
  const [busy, setBusy] = useState(false);
  return (
    <Button
      loading={busy}
      icon={<Download aria-hidden className="size-4" />}
      onClick={async () => {
        setBusy(true);
        await attempt(() => download(`/v1/group-messages/${message.id}/recipients.csv`, "recipients.csv"));
        setBusy(false);
      }}
    >
      {t("recipients.csv")}
    </Button>
  );
}
