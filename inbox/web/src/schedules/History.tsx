import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, page } from "@/api/client";
import { full } from "@/lib/time";
import { Card } from "@/settings/common/page";
import { Badge, type Tone } from "@/ui";
import type { Schedule } from "./data";

const tones: Record<string, Tone> = { fired: "green", missed: "orange", failed: "red" };

/** The firings so far, with what came of each. */
export function History({ schedule }: { schedule: Schedule }) {
  const { t, i18n } = useTranslation("sending");
  const { data: found } = useQuery({
    queryKey: ["scheduled-messages", schedule.id, "occurrences"],
    queryFn: () => page(api.GET("/v1/scheduled-messages/{id}/occurrences", { params: { path: { id: schedule.id } } })),
  });
  return (
    <Card title={t("schedules.history")} className="mt-5">
      {found?.data.length === 0 && <p className="text-muted">{t("schedules.never")}</p>}
      <ul className="flex flex-col">
        {found?.data.map((one) => (
          <li
            key={one.due_at}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-2 last:border-0"
          >
            <time dateTime={one.due_at} className="tabular-nums">
              {full(one.due_at, i18n.language)}
            </time>
            <Badge tone={tones[one.outcome] ?? "neutral"}>
              {t(`schedules.outcomes.${one.outcome}`, { defaultValue: one.outcome })}
            </Badge>
            {one.error && <span className="min-w-0 text-red">{one.error}</span>}
            {one.group_message_id && (
              <Link
                to="/group-messages/$groupMessageId"
                params={{ groupMessageId: one.group_message_id }}
                className="ml-auto text-blue hover:underline"
              >
                {t("schedules.result")}
              </Link>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
