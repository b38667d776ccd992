import { useTranslation } from "react-i18next";

import { Badge, cx } from "@/ui";
import { statusTone, type GroupMessage, type Status } from "./data";

export function StatusBadge({ status }: { status: Status }) {
  const { t } = useTranslation("sending");
  return (
    <Badge tone={statusTone[status]} className={cx(status === "processing" && "animate-pulse")}>
      {t(`group_messages.statuses.${status}`)}
    </Badge>
  );
}

/** The parts of all recipients, in the order in which they are drawn. */
const PARTS = [
  ["delivered_count", "bg-green"],
  ["sent_count", "bg-blue"],
  ["failed_count", "bg-red"],
  ["cancelled_count", "bg-faint"],
] as const;

type Counted = Pick<GroupMessage, (typeof PARTS)[number][0] | "total_recipients" | "status">;

/** How far it is: delivered, sent, failed, cancelled; what is left waits. */
export function ProgressBar({ of, className }: { of: Counted; className?: string }) {
  const { t, i18n } = useTranslation("sending");
  const number = new Intl.NumberFormat(i18n.language);
  const done = of.sent_count + of.delivered_count;
  const words = t("group_messages.progress_of", {
    done: number.format(done),
    total: number.format(of.total_recipients),
  });
  return (
    <span
      role="progressbar"
      aria-label={words}
      aria-valuemin={0}
      aria-valuemax={of.total_recipients}
      aria-valuenow={done}
      className={cx("flex h-2 w-full overflow-hidden rounded-full bg-raised", className)}
    >
      {of.total_recipients > 0 &&
        PARTS.map(([name, color]) => (
          <span
            key={name}
            className={cx("h-full transition-[width] duration-500", color)}
            style={{ width: `${(of[name] / of.total_recipients) * 100}%` }}
          />
        ))}
    </span>
  );
}

/** The bar with its numbers, for a list. */
export function ProgressCell({ of }: { of: Counted }) {
  const { i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language);
  if (of.total_recipients === 0) return <span className="text-faint">—</span>;
  return (
    <span className="flex w-36 flex-col gap-1">
      <ProgressBar of={of} />
      <span className="text-xs text-muted tabular-nums">
        {number.format(of.sent_count + of.delivered_count)} / {number.format(of.total_recipients)}
      </span>
    </span>
  );
}
