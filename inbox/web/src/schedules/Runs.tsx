import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useAccount } from "@/app/account";
import { useSettled } from "@/lib/settled";

/** What the hub needs to tell when a schedule would fire. */
export interface RunsQuestion {
  scheduled_at: string | null;
  timezone: string;
  recurrence_rule: string | null;
  recurrence_end_at: string | null;
  recipient_timezone: boolean;
  /** It ends after so many. */
  count: number | null;
}

/** The next five times, as the hub unfolds the rule; or why it cannot. */
export function useRuns(question: RunsQuestion) {
  const { account } = useAccount();
  const { count, scheduled_at, ...asked } = useSettled(question);
  return useQuery({
    queryKey: ["runs", account.account_id, scheduled_at, asked],
    queryFn: () =>
      data(
        api.POST("/v1/scheduled-messages/runs", {
          body: { ...asked, scheduled_at: scheduled_at ?? "", account_id: account.account_id },
        }),
      ),
    enabled: scheduled_at !== null && asked.recurrence_rule !== "",
    select: ({ next_runs }) => (count === null ? next_runs : next_runs.slice(0, count)),
    retry: false,
  });
}

/** Moments on the clocks of a zone. */
export function Times({ times, zone }: { times: readonly string[]; zone: string }) {
  const { t, i18n } = useTranslation("sending");
  if (times.length === 0) return <p className="text-muted">{t("schedules.no_runs")}</p>;
  const format = new Intl.DateTimeFormat(i18n.language, {
    timeZone: zone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
  return (
    <ol className="flex flex-col gap-1" data-runs={times.length}>
      {times.map((at) => (
        <li key={at} className="tabular-nums">
          <time dateTime={at}>{format.format(new Date(at))}</time>
        </li>
      ))}
    </ol>
  );
}
