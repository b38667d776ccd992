import { Link } from "@tanstack/react-router";
import { ArrowLeft, Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Badge, cx, useReadOnly } from "@/ui";

interface PageHeaderProps {
  title: ReactNode;
  text?: ReactNode;
  /** Where the page hangs; on a phone all pages of the settings hang under their list. `null`: nowhere. */
  back?: { to: string; label: string } | null;
  actions?: ReactNode;
  badge?: ReactNode;
}

export function PageHeader({ title, text, back, actions, badge }: PageHeaderProps) {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  const up = back === undefined ? { to: "/settings", label: t("title") } : back;
  return (
    <header className="mb-5">
      {up && (
        <Link
          to={up.to as "/settings"}
          className={cx(
            "mb-2 inline-flex items-center gap-1.5 rounded text-[0.8125rem] text-muted hover:text-ink",
            !back && "md:hidden",
          )}
        >
          <ArrowLeft aria-hidden className="size-3.5" />
          {up.label}
        </Link>
      )}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          <div className="flex flex-wrap items-center gap-2.5">
            <h2 className="text-xl font-semibold break-words">{title}</h2>
            {badge}
            {readOnly && <Badge icon={<Lock aria-hidden />}>{t("read_only")}</Badge>}
          </div>
          {text && <p className="mt-1 max-w-2xl text-pretty text-muted">{text}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
    </header>
  );
}

interface CardProps {
  title?: ReactNode;
  text?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A group of settings that belong together. */
export function Card({ title, text, aside, children, className }: CardProps) {
  return (
    <section className={cx("rounded-xl border border-line bg-section p-4 sm:p-5", className)}>
      {(title || aside) && (
        <div className="mb-4 flex flex-wrap items-start justify-between gap-3">
          <div className="min-w-0 flex-1">
            {title && <h3 className="text-base font-semibold">{title}</h3>}
            {text && <p className="mt-0.5 text-pretty text-muted">{text}</p>}
          </div>
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}

/** The bar with save and cancel at the foot of a page's form; it stays in sight. */
export function ActionBar({ children }: { children: ReactNode }) {
  if (useReadOnly()) return null;
  return (
    <div className="sticky bottom-0 z-10 -mx-1 mt-5 flex flex-wrap items-center justify-end gap-2 border-t border-line bg-page/95 px-1 py-3 backdrop-blur">
      {children}
    </div>
  );
}
