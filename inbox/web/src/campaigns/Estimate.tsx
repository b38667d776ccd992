import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { full } from "@/lib/time";
import { cx } from "@/ui";

export type EstimateData = Schemas["One_Estimate"]["data"];

/** How often each variable has a value. */
export function Variables({ estimate }: { estimate: EstimateData }) {
  const { t, i18n } = useTranslation("sending");
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 0 });
  const skipped = Object.entries(estimate.skipped as Record<string, number>);
  return (
    <>
      {estimate.variables.length > 0 && (
        <dl className="mt-3 flex flex-col gap-1.5">
          {estimate.variables.map(({ name, resolved }) => (
            <div key={name} className="grid grid-cols-[1fr_6rem_3rem] items-center gap-2">
              <dt className="truncate font-mono text-xs text-muted">{name}</dt>
              <dd aria-hidden className="h-1.5 overflow-hidden rounded-full bg-raised">
                <span
                  className={cx("block h-full", resolved < 1 ? "bg-orange" : "bg-green")}
                  style={{ width: `${resolved * 100}%` }}
                />
              </dd>
              <dd className="text-right text-xs tabular-nums">{percent.format(resolved)}</dd>
            </div>
          ))}
        </dl>
      )}
      {skipped.length > 0 && (
        <ul className="mt-3 flex flex-col gap-1 text-xs text-orange">
          {skipped.map(([reason, count]) => (
            <li key={reason}>
              {t("estimate.skipped", {
                reason: t(`reasons.${reason.replaceAll(" ", "_")}`, { defaultValue: reason }),
                count,
                sample: estimate.sample,
              })}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What a group message comes to: how many, what it costs, and when it would be over. */
export function EstimateView({ estimate }: { estimate: EstimateData }) {
  const { t, i18n } = useTranslation("sending");
  const number = new Intl.NumberFormat(i18n.language);
  const facts: [string, string][] = [
    [t("estimate.recipients"), number.format(estimate.recipients)],
    [t("estimate.audience"), number.format(estimate.audience)],
    [
      t("estimate.billed"),
      `${number.format(estimate.billed_units)} · ${t(`estimate.cost_classes.${estimate.cost_class}`)}`,
    ],
    [t("estimate.segments"), number.format(Math.round(estimate.segments_per_message * 100) / 100)],
    [
      t("estimate.finishes"),
      estimate.finishes_at ? full(estimate.finishes_at, i18n.language) : t("estimate.finishes_fast"),
    ],
  ];
  return (
    <div>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-3">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-xs text-muted">{name}</dt>
            <dd className="font-semibold tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <Variables estimate={estimate} />
      {estimate.example && (
        <div className="mt-4">
          <p className="text-xs text-muted">{t("estimate.example")}</p>
          <p className="mt-1 w-fit max-w-full rounded-2xl rounded-br-md bg-blue/12 px-3.5 py-2.5 break-words whitespace-pre-wrap">
            {estimate.example}
          </p>
        </div>
      )}
    </div>
  );
}
