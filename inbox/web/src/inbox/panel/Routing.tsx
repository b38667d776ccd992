import type { Id } from "@turumba/realtime";
import { Bot, Check, ChevronRight, Clock, UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { useAgents } from "@/api/lookups";
import { clock, full } from "@/lib/time";
import { cx, Skeleton } from "@/ui";
import { useRouting } from "../thread/useLines";

interface Candidate {
  user_id: Id;
  eligible: boolean;
  refused_because: string[];
  load: number;
  capacity: number;
}

interface TriedRule {
  rule_id: Id;
  name: string;
  matched: boolean;
  reason: string;
}

/** Why it is where it is: each decision, and under it who or what was looked at. */
export function Routing({ id }: { id: Id }) {
  const { t } = useTranslation("inbox");
  const { data, isPending } = useRouting(id);
  if (isPending) return <Skeleton className="h-10" />;
  const decisions = data?.decisions ?? [];
  if (!decisions.length) return <p className="text-faint">{t("panel.noRouting")}</p>;
  return (
    <ol className="flex flex-col gap-2">
      {runs(decisions).map(({ decision, count }) => (
        <li key={decision.id}>
          <Decision decision={decision} count={count} />
        </li>
      ))}
    </ol>
  );
}

/** The same decision several times in a row is one entry with a number. */
function runs(decisions: readonly Schemas["DecisionView"][]) {
  const found: { decision: Schemas["DecisionView"]; count: number }[] = [];
  for (const decision of decisions) {
    const last = found.at(-1);
    const isSame = last?.decision.outcome === decision.outcome && last.decision.reason === decision.reason;
    if (last && isSame) last.count++;
    else found.push({ decision, count: 1 });
  }
  return found;
}

function Decision({ decision, count }: { decision: Schemas["DecisionView"]; count: number }) {
  const { t, i18n } = useTranslation("inbox");
  const agents = useAgents();
  const { outcome, reason, assignee_id, candidates, created_at } = decision;
  const nameOf = (id: Id | null | undefined) => agents.find((agent) => agent.id === id)?.name ?? t("lines.somebody");
  const rules = Array.isArray(candidates) ? (candidates as TriedRule[]) : [];
  const list = ((candidates ?? {}) as { list?: Candidate[] }).list ?? [];
  const text =
    outcome === "assigned"
      ? t("lines.picked", {
          name: nameOf(assignee_id),
          reason: t(`lines.picks.${reason}`, { defaultValue: reason }),
        })
      : outcome === "waiting"
        ? t(`lines.waits.${reason}`, { count: list.length, defaultValue: reason })
        : outcome === "no_rule"
          ? t("lines.noRule")
          : t("lines.rule", { rule: rules.find((rule) => rule.matched)?.name ?? reason });
  const Icon = outcome === "assigned" ? UserRound : outcome === "waiting" ? Clock : Bot;
  return (
    <details className="group">
      <summary className="flex cursor-pointer list-none items-start gap-2 rounded-lg [&::-webkit-details-marker]:hidden">
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
        <span className="min-w-0 flex-1">
          {text} {count > 1 && <span className="text-faint">×{count} </span>}
          <time
            dateTime={created_at}
            title={full(created_at, i18n.language)}
            className="text-xs whitespace-nowrap text-faint tabular-nums"
          >
            {clock(created_at, i18n.language)}
          </time>
        </span>
        {list.length + rules.length > 0 && (
          <ChevronRight
            aria-hidden
            className="mt-0.5 size-4 shrink-0 text-faint transition-transform group-open:rotate-90"
          />
        )}
      </summary>
      <ul className="mt-1.5 ml-6 flex flex-col gap-1 border-l border-line pl-3 text-[0.8125rem]">
        {list.map((candidate) => (
          <li key={candidate.user_id} className="flex flex-col">
            <span className={cx("flex items-center gap-1.5", candidate.eligible && "text-green")}>
              {candidate.eligible && <Check aria-hidden className="size-3.5" />}
              {nameOf(candidate.user_id)}
              <span className="text-xs text-faint tabular-nums">
                {candidate.load}/{candidate.capacity}
              </span>
            </span>
            {candidate.refused_because.length > 0 && (
              <span className="text-xs text-faint">
                {candidate.refused_because.map((why) => t(`panel.refused.${why}`, { defaultValue: why })).join(", ")}
              </span>
            )}
          </li>
        ))}
        {rules.map((rule) => (
          <li key={rule.rule_id} className="flex flex-col">
            <span className={cx("flex items-center gap-1.5", rule.matched && "text-green")}>
              {rule.matched && <Check aria-hidden className="size-3.5" />}
              {rule.name}
            </span>
            <span className="text-xs text-faint">{rule.reason}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
