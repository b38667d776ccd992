import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useChannels, useGroups, useSegments } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { full } from "@/lib/time";
import { Card } from "@/settings/common/page";
import { Banner, Button, Skeleton } from "@/ui";
import { isChosen } from "../Audience";
import { isWritten } from "../Content";
import { EstimateView } from "../Estimate";
import { PREFERRED } from "../fields";
import { sent, type Values } from "./schema";

/** From so many recipients on, one looks twice. */
const MANY = 10_000;

/** What it would come to, before anything is sent. */
export function Check({ values }: { values: Values }) {
  const { t, i18n } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const { t: ui } = useTranslation("ui");
  const { account } = useAccount();
  const channels = useChannels();
  const groups = useGroups();
  const segments = useSegments();
  const isComplete = isChosen(values.audience) && isWritten(values.content);
  const isLater = values.when === "later" && !Number.isNaN(Date.parse(values.scheduled_at));
  // a time that has passed is refused when it is sent, not when it is looked at
  const body = { ...sent({ ...values, when: "now" }), account_id: account.account_id };
  const estimate = useQuery({
    queryKey: ["estimate", body],
    queryFn: () => data(api.POST("/v1/group-messages/estimate", { body })),
    enabled: isComplete,
    retry: false,
    gcTime: 0,
  });
  const named = [
    ...groups.filter(({ id }) => values.audience.contact_group_ids.includes(id)),
    ...segments.filter(({ id }) => values.audience.segment_ids.includes(id)),
  ].map(({ name }) => name);
  const summary: [string, string][] = [
    [t("wizard.step.audience"), named.join(", ") || t("wizard.missing")],
    [
      settings("fields.channel"),
      values.channel_id === PREFERRED
        ? t("group_messages.preferred")
        : (channels.find(({ id }) => id === values.channel_id)?.name ?? "—"),
    ],
    [t("sending.when"), isLater ? full(new Date(values.scheduled_at).toISOString(), i18n.language) : t("sending.now")],
    [t("sending.rate"), values.rate_per_minute ? String(values.rate_per_minute) : t("sending.unlimited")],
  ];
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <Card title={t("wizard.summary")}>
        <dl className="flex flex-col gap-3">
          {summary.map(([name, value]) => (
            <div key={name}>
              <dt className="text-xs text-muted">{name}</dt>
              <dd className="font-medium break-words">{value}</dd>
            </div>
          ))}
        </dl>
      </Card>
      <Card
        title={t("estimate.title")}
        text={t("estimate.text")}
        aside={
          isComplete && (
            <Button
              size="sm"
              loading={estimate.isFetching}
              icon={<RotateCw aria-hidden className="size-4" />}
              onClick={() => void estimate.refetch()}
            >
              {t("estimate.again")}
            </Button>
          )
        }
      >
        {!isComplete && <Banner tone="orange">{t("wizard.incomplete")}</Banner>}
        {isComplete && estimate.isPending && (
          <div role="status" aria-label={ui("loading")}>
            <Skeleton className="h-24" />
          </div>
        )}
        {estimate.error && <Banner tone="red">{estimate.error.message}</Banner>}
        {estimate.data && (
          <div aria-live="polite">
            {estimate.data.recipients > MANY && (
              <Banner tone="orange" className="mb-4">
                {t("wizard.many", { count: estimate.data.recipients })}
              </Banner>
            )}
            {estimate.data.recipients === 0 && (
              <Banner tone="orange" className="mb-4">
                {t("wizard.nobody")}
              </Banner>
            )}
            <EstimateView estimate={estimate.data} />
          </div>
        )}
      </Card>
    </div>
  );
}
