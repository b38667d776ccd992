import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { Badge, type Tone } from "@/ui";

type Exchange = Schemas["ExchangeView"];

const TONES: Record<string, Tone> = {
  accepted: "green",
  throttled: "orange",
  unavailable: "orange",
  not_sent: "orange",
  unknown: "orange",
};

/** What an attempt came to; one that another overtook says so. */
export function Outcome({ outcome }: { outcome: string | null }) {
  const { t } = useTranslation("inbox");
  const plain = outcome?.replace(/^late_/, "") ?? "open";
  return (
    <Badge tone={plain === "open" ? "neutral" : (TONES[plain] ?? "red")}>
      {t(`provider.outcomes.${plain}`)}
      {outcome?.startsWith("late_") && ` · ${t("provider.late")}`}
    </Badge>
  );
}

/** One request to a provider and its answer, as the hub keeps them. */
export function ExchangeDetails({ exchange }: { exchange: Exchange }) {
  const { t } = useTranslation("inbox");
  return (
    <div data-exchange className="rounded-lg border border-line p-3 text-[0.8125rem]">
      <p className="font-mono break-all">
        {exchange.method} {exchange.url}
      </p>
      <p className="mt-1 text-muted">
        {exchange.status === null ? t("provider.no_answer") : t("provider.status", { status: exchange.status })} ·{" "}
        {t("provider.took", { ms: exchange.took_ms })}
      </p>
      <Body label={t("provider.request")} text={exchange.request} />
      <Body label={t("provider.response")} text={exchange.response} />
    </div>
  );
}

function Body({ label, text }: { label: string; text: string }) {
  if (!text) return null;
  return (
    <div className="mt-2">
      <p className="text-xs text-faint">{label}</p>
      <pre
        tabIndex={0}
        className="mt-0.5 max-h-48 overflow-auto rounded-md bg-card p-2 font-mono text-xs break-all whitespace-pre-wrap"
      >
        {text}
      </pre>
    </div>
  );
}
