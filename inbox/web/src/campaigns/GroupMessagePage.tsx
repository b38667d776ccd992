import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useChannels, useGroups, useSegments } from "@/api/lookups";
import { full } from "@/lib/time";
import { Card, PageHeader } from "@/settings/common/page";
import { Chips } from "@/templates/Chips";
import { Banner, Button, EmptyState, Skeleton } from "@/ui";
import { Controls } from "./Controls";
import { groupMessages, useProgress, type GroupMessage } from "./data";
import { EstimateView } from "./Estimate";
import { ProgressBar, StatusBadge } from "./Progress";
import { Recipients } from "./Recipients";

/** One group message: how far it is, what became of each recipient, and what can be done now. */
export function GroupMessagePage() {
  const { t } = useTranslation("sending");
  const { t: ui } = useTranslation("ui");
  const { groupMessageId: id } = useParams({ strict: false }) as { groupMessageId: string };
  useProgress();
  const found = useQuery({ queryKey: ["group-messages", id], queryFn: () => groupMessages.one(id) });
  const message = found.data;
  if (!message) {
    if (!found.error) return <Skeleton className="h-40" />;
    return (
      <EmptyState
        title={ui("load_failed")}
        text={found.error.message}
        action={
          <Button icon={<RotateCw aria-hidden className="size-4" />} onClick={() => void found.refetch()}>
            {ui("retry")}
          </Button>
        }
      />
    );
  }
  return (
    <>
      <PageHeader
        back={{ to: "/group-messages", label: t("group_messages.title") }}
        title={message.name ?? t("group_messages.untitled")}
        badge={<StatusBadge status={message.status} />}
        actions={<Controls message={message} />}
      />
      <div className="flex flex-col gap-5">
        {message.pause_reason && (
          <Banner tone="orange" title={t("group_messages.paused_because")}>
            {message.pause_reason}
          </Banner>
        )}
        {message.error && (
          <Banner tone="red" title={t("group_messages.failed_because")}>
            {message.error}
          </Banner>
        )}
        {message.canary_state === "waiting" && (
          <Banner tone="blue">{t("group_messages.canary_waits", { percent: message.canary_percent })}</Banner>
        )}
        {message.status === "draft" ? <DraftEstimate message={message} /> : <Counts message={message} />}
        <Facts message={message} />
        {message.status !== "draft" && <Recipients message={message} />}
      </div>
    </>
  );
}

const COUNTS = [
  ["delivered_count", "text-green"],
  ["sent_count", "text-blue"],
  ["pending_count", "text-ink"],
  ["failed_count", "text-red"],
  ["unknown_count", "text-orange"],
  ["skipped_count", "text-muted"],
  ["cancelled_count", "text-muted"],
] as const;

function Counts({ message }: { message: GroupMessage }) {
  const { t, i18n } = useTranslation("sending");
  const number = new Intl.NumberFormat(i18n.language);
  const done = message.sent_count + message.delivered_count;
  return (
    <Card>
      <p className="mb-2 flex flex-wrap items-baseline gap-x-2" aria-live="polite" data-progress={done}>
        <span className="text-2xl font-semibold tabular-nums">{number.format(done)}</span>
        <span className="text-muted">
          {t("group_messages.of_recipients", {
            count: message.total_recipients,
            total: number.format(message.total_recipients),
          })}
        </span>
      </p>
      <ProgressBar of={message} className="h-3" />
      <dl className="mt-4 grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-4 lg:grid-cols-7">
        {COUNTS.map(([name, tone]) => (
          <div key={name}>
            <dt className="text-xs text-muted">{t(`group_messages.counts.${name}`)}</dt>
            <dd className={`font-semibold tabular-nums ${tone}`} data-count={name}>
              {number.format(message[name])}
            </dd>
          </div>
        ))}
      </dl>
      {message.duplicate_count > 0 && (
        <p className="mt-3 text-xs text-faint">{t("group_messages.duplicates", { count: message.duplicate_count })}</p>
      )}
    </Card>
  );
}

function DraftEstimate({ message }: { message: GroupMessage }) {
  const { t } = useTranslation("sending");
  const estimate = useQuery({
    queryKey: ["group-messages", message.id, "estimate", message.updated_at],
    queryFn: () => data(api.GET("/v1/group-messages/{id}/estimate", { params: { path: { id: message.id } } })),
  });
  return (
    <Card title={t("estimate.title")} text={t("estimate.text")}>
      {estimate.isPending && <Skeleton className="h-20" />}
      {estimate.error && <Banner tone="orange">{estimate.error.message}</Banner>}
      {estimate.data && <EstimateView estimate={estimate.data} />}
    </Card>
  );
}

function Facts({ message }: { message: GroupMessage }) {
  const { t, i18n } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const channels = useChannels();
  const groups = useGroups();
  const segments = useSegments();
  const template = useQuery({
    // of its own: a form that changes the template begins with what is stored, not with what this page kept
    queryKey: ["templates", "text", message.template_id],
    queryFn: () => data(api.GET("/v1/templates/{id}", { params: { path: { id: message.template_id ?? "" } } })),
    enabled: message.template_id !== null,
    retry: false,
  });
  const custom = Object.entries(message.custom_values);
  const named = (ids: string[], known: { id: string; name: string }[]) =>
    ids.map((id) => known.find((one) => one.id === id)?.name ?? "—").join(", ");
  const time = (at: string | null) => at && full(at, i18n.language);
  return (
    <div className="grid gap-5 lg:grid-cols-2">
      <Card title={t("group_messages.content")} text={template.data?.name}>
        {template.data ? (
          <p className="rounded-xl bg-raised/60 p-3">
            <Chips text={template.data.body} />
          </p>
        ) : (
          <p className="text-muted">{template.isPending ? "…" : t("group_messages.no_template")}</p>
        )}
        {custom.length > 0 && (
          <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
            {custom.map(([name, value]) => (
              <Fact key={name} name={name}>
                {String(value)}
              </Fact>
            ))}
          </dl>
        )}
      </Card>
      <Card title={t("group_messages.how")}>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
          <Fact name={settings("fields.channel")}>
            {message.channel_id
              ? channels.find(({ id }) => id === message.channel_id)?.name
              : t("group_messages.preferred")}
          </Fact>
          <Fact name={t("audience.groups")}>{named(message.contact_group_ids, groups)}</Fact>
          <Fact name={t("audience.segments")}>{named(message.segment_ids, segments)}</Fact>
          {message.exclude_contact_ids.length > 0 && (
            <Fact name={t("audience.excluded")}>
              {t("audience.excluded_count", { count: message.exclude_contact_ids.length })}
            </Fact>
          )}
          <Fact name={t("sending.rate")}>
            {message.rate_per_minute?.toLocaleString(i18n.language) ?? t("sending.unlimited")}
          </Fact>
          {message.canary_percent !== null && (
            <Fact name={t("sending.canary")}>
              {t("sending.canary_facts", {
                percent: message.canary_percent,
                most: message.canary_max_failure_percent,
              })}
              {message.canary_state && ` · ${t(`sending.canary_states.${message.canary_state}`)}`}
            </Fact>
          )}
          <Fact name={t("group_messages.scheduled")}>{time(message.scheduled_at)}</Fact>
          <Fact name={t("group_messages.started")}>{time(message.started_at)}</Fact>
          <Fact name={t("group_messages.completed")}>{time(message.completed_at)}</Fact>
        </dl>
      </Card>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children || <span className="text-faint">—</span>}</dd>
    </>
  );
}
