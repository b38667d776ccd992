import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { cx } from "./cx";
import { softTone } from "./tone";

interface BannerProps {
  tone: "blue" | "orange" | "red";
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}

const icons = { blue: Info, orange: TriangleAlert, red: CircleAlert };

/** Something to know about the page or the form below it. */
export function Banner({ tone, title, children, action, className }: BannerProps) {
  const Icon = icons[tone];
  return (
    <div
      role={tone === "red" ? "alert" : "note"}
      className={cx("flex flex-wrap items-start gap-x-3 gap-y-2 rounded-xl px-4 py-3", softTone[tone], className)}
    >
      <Icon aria-hidden className="mt-0.5 size-4.5 shrink-0" />
      <div className="min-w-0 flex-1 basis-48">
        {title && <p className="font-semibold">{title}</p>}
        {children && <div className="break-words text-ink">{children}</div>}
      </div>
      {action}
    </div>
  );
}
