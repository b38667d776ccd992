import { Link, useNavigate } from "@tanstack/react-router";
import { CalendarClock, Plus } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useAgents, useChannels, useGroups, useTemplates } from "@/api/lookups";
import { moment } from "@/lib/time";
import { ListView } from "@/settings/common/list-page";
import { PageHeader } from "@/settings/common/page";
import { Ago } from "@/settings/common/time";
import { Badge, Button, columnsOf, cx, EmptyState, useReadOnly, type FilterField } from "@/ui";
import { Controls } from "./Controls";
import { schedules, STATUSES, statusTone, type Schedule } from "./data";
import { Recurrence } from "./Recurrence";

const column = columnsOf<Schedule>();
const HOUR = 3_600_000;
/** Something may have fired. */
const AGAIN_MS = 30_000;

export function SchedulesPage() {
  const { t, i18n } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const readOnly = useReadOnly();
  const navigate = useNavigate();
  const channels = useChannels();
  const templates = useTemplates();
  const groups = useGroups();
  const agents = useAgents();
  const columns = useMemo(
    () =>
      column.columns([
        column.accessor("name", {
          header: settings("fields.name"),
          meta: { primary: true },
          cell: ({ getValue }) => getValue() ?? <span className="text-muted">{t("group_messages.untitled")}</span>,
        }),
        column.accessor("send_type", {
          header: settings("fields.type"),
          enableSorting: false,
          cell: ({ getValue }) => (
            <Badge tone={getValue() === "group" ? "purple" : "blue"}>{t(`schedules.types.${getValue()}`)}</Badge>
          ),
        }),
        column.accessor("status", {
          header: settings("fields.status"),
          cell: ({ getValue }) => <Badge tone={statusTone[getValue()]}>{t(`schedules.statuses.${getValue()}`)}</Badge>,
        }),
        column.accessor("next_trigger_at", {
          header: t("schedules.next"),
          cell: ({ row: { original } }) => <Next of={original} locale={i18n.language} />,
        }),
        column.display({
          id: "recurrence",
          header: t("schedules.recurrence"),
          meta: { className: "whitespace-nowrap" },
          cell: ({ row: { original } }) => <Recurrence of={original} />,
        }),
        column.accessor("channel_id", {
          header: settings("fields.channel"),
          enableSorting: false,
          meta: { className: "whitespace-nowrap" },
          cell: ({ getValue }) =>
            getValue() ? (channels.find(({ id }) => id === getValue())?.name ?? "—") : t("group_messages.preferred"),
        }),
        column.display({
          id: "recipient",
          header: t("schedules.recipient"),
          cell: ({ row: { original } }) => {
            const names = original.contact_group_ids.map((id) => groups.find((one) => one.id === id)?.name ?? "—");
            return (
              <span className="block max-w-44 truncate" title={names.join(", ")}>
                {original.delivery_address ??
                  (names.join(", ") || (original.segment_ids.length ? t("audience.segments") : "—"))}
              </span>
            );
          },
        }),
        column.accessor("timezone", {
          header: settings("fields.timezone"),
          enableSorting: false,
          meta: { hidden: true },
        }),
        column.accessor("created_at", {
          header: settings("fields.created"),
          meta: { hidden: true },
          cell: ({ getValue }) => <Ago at={getValue()} />,
        }),
        column.display({
          id: "actions",
          header: () => <span className="sr-only">{settings("actions")}</span>,
          meta: { align: "end" },
          cell: ({ row: { original } }) => <Controls schedule={original} inMenu />,
        }),
      ]),
    [t, settings, i18n.language, channels, groups],
  );
  const filters = useMemo<FilterField[]>(
    () => [
      { name: "name", label: settings("fields.name"), kind: "text" },
      {
        name: "status",
        label: settings("fields.status"),
        kind: "select",
        options: STATUSES.map((value) => ({ value, label: t(`schedules.statuses.${value}`) })),
      },
      {
        name: "send_type",
        label: settings("fields.type"),
        kind: "select",
        options: ["single", "group"].map((value) => ({ value, label: t(`schedules.types.${value}`) })),
      },
      { name: "is_recurring", label: t("schedules.is_recurring"), kind: "boolean" },
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
      { name: "next_trigger_at", label: t("schedules.next"), kind: "date" },
      { name: "created_at", label: settings("fields.created"), kind: "date" },
    ],
    [t, settings, channels, templates, agents],
  );
  const add = !readOnly && (
    <Button variant="primary" asChild>
      <Link to="/scheduled-messages/new">
        <Plus aria-hidden className="size-4" />
        {t("schedules.add")}
      </Link>
    </Button>
  );
  return (
    <>
      <PageHeader back={null} title={t("schedules.title")} text={t("schedules.text")} actions={add} />
      <ListView<Schedule>
        name="scheduled-messages"
        label={t("schedules.title")}
        columns={columns}
        rowId={(schedule) => schedule.id}
        searchField="name"
        filters={filters}
        sort={{ field: "next_trigger_at", desc: false }}
        chooseColumns
        read={schedules.list}
        again={(rows) => rows.some(({ status }) => status === "pending" || status === "triggered") && AGAIN_MS}
        onRowClick={({ id }) => void navigate({ to: "/scheduled-messages/$scheduleId", params: { scheduleId: id } })}
        empty={
          <EmptyState
            icon={<CalendarClock />}
            title={t("schedules.empty")}
            text={t("schedules.empty_text")}
            action={add}
          />
        }
      />
    </>
  );
}

/** When it fires next; what should have fired stands out. */
function Next({ of, locale }: { of: Schedule; locale: string }) {
  const { t } = useTranslation("sending");
  if (of.status === "paused") return <span className="text-muted">{t("schedules.is_paused")}</span>;
  if (!of.next_trigger_at || of.status !== "pending") return <span className="text-faint">—</span>;
  const left = Date.parse(of.next_trigger_at) - Date.now();
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <time dateTime={of.next_trigger_at} className={cx(left < 0 && "text-orange")}>
        {moment(of.next_trigger_at, locale)}
      </time>
      {left >= 0 && left < HOUR && <Badge tone="orange">{t("schedules.soon")}</Badge>}
    </span>
  );
}
