import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleStop, Download } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { download } from "@/lib/download";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import { Badge, Banner, Button, cx, Skeleton, useReadOnly } from "@/ui";
import { imports, isRunning, percentOf, statusTone } from "./data";

const AGAIN_MS = 1_000;
const COUNTS = ["row_count", "created_count", "updated_count", "skipped_count", "error_count"] as const;

/** How far an import is, what it made, and the rows that it refused. */
export function Progress({ id }: { id: string }) {
  const { t, i18n } = useTranslation("people");
  const readOnly = useReadOnly();
  const client = useQueryClient();
  const attempt = useAttempt();
  const changed = useChanged();
  const found = useQuery({
    queryKey: ["contact-imports", id],
    queryFn: () => imports.one(id),
    refetchInterval: ({ state }) => (state.data && isRunning(state.data) ? AGAIN_MS : false),
  });
  const one = found.data;
  const isOver = one !== undefined && !isRunning(one);
  useEffect(() => {
    if (!isOver) return;
    for (const name of ["contacts", "groups", "contact-imports"]) {
      void client.invalidateQueries({ queryKey: [name, "list"] });
    }
  }, [client, isOver]);
  if (found.error && !one) return <Banner tone="red">{found.error.message}</Banner>;
  if (!one) return <Skeleton className="h-32" />;
  const number = new Intl.NumberFormat(i18n.language);
  const percent = percentOf(one);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 truncate font-medium">{one.filename}</span>
        <Badge tone={statusTone(one.status)}>{t(`imports.statuses.${one.status}`)}</Badge>
        {one.is_dry_run && <Badge tone="purple">{t("imports.is_dry_run")}</Badge>}
      </div>
      <span
        role="progressbar"
        aria-label={t("imports.progress")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        className="h-2.5 overflow-hidden rounded-full bg-raised"
      >
        <span
          className={cx("block h-full transition-[width]", one.status === "failed" ? "bg-red" : "bg-brand")}
          style={{ width: `${percent}%` }}
        />
      </span>
      {one.error && <Banner tone="red">{one.error}</Banner>}
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3" aria-live="polite">
        {COUNTS.map((name) => (
          <div key={name}>
            <dt className="text-xs text-muted">{t(`imports.${name}`)}</dt>
            <dd
              data-count={name}
              className={cx("font-semibold tabular-nums", name === "error_count" && one.error_count > 0 && "text-red")}
            >
              {number.format(one[name])}
            </dd>
          </div>
        ))}
      </dl>
      <div className="flex flex-wrap gap-2">
        {one.error_count > 0 && (
          <Button
            icon={<Download aria-hidden className="size-4" />}
            onClick={() => void attempt(() => download(`/v1/contact-imports/${id}/errors.csv`, "refused.csv"))}
          >
            {t("imports.errors")}
          </Button>
        )}
        {isRunning(one) && !readOnly && (
          <Button
            icon={<CircleStop aria-hidden className="size-4" />}
            onClick={() =>
              void attempt(async () => {
                await data(api.POST("/v1/contact-imports/{id}/cancel", { params: { path: { id } } }));
                await changed(["contact-imports"]);
              })
            }
          >
            {t("imports.cancel")}
          </Button>
        )}
      </div>
    </div>
  );
}
