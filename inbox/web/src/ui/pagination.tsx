import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";

import { IconButton } from "./button";
import { cx } from "./cx";
import { PAGE_SIZES } from "./list-state";
import { Select } from "./select";

/** Page numbers to show: the ends, the present one and its neighbours; `null` stands for a gap. */
export function pageNumbers(page: number, pages: number): (number | null)[] {
  const near = [1, page - 1, page, page + 1, pages].filter((n) => n >= 1 && n <= pages);
  const wanted = [...new Set(near)].sort((a, b) => a - b);
  return wanted.flatMap((n, index) => {
    const before = wanted[index - 1];
    if (before === undefined || n === before + 1) return [n];
    // a gap of one page is that page
    return n === before + 2 ? [n - 1, n] : [null, n];
  });
}

interface PaginationProps {
  page: number;
  limit: number;
  total: number;
  /** There may be more than the hub counted. */
  totalIsMinimum?: boolean;
  /** The rows that are shown, where a page lies beyond what was counted. */
  rows?: number;
  /** Goes beyond the last page that has a number. */
  onFurther?: (() => void) | undefined;
  onChange: (change: { page?: number; limit?: number }) => void;
}

/** "a–b of N", the pages, and how many rows one has. */
export function Pagination({ page, limit, total, totalIsMinimum, rows, onFurther, onChange }: PaginationProps) {
  const { t, i18n } = useTranslation("ui");
  const pages = Math.max(1, Math.ceil(total / limit));
  const number = new Intl.NumberFormat(i18n.language);
  const from = total === 0 ? 0 : (page - 1) * limit + 1;
  const isBeyond = page > pages;
  const to = isBeyond ? from + (rows ?? limit) - 1 : Math.min(page * limit, total);
  const sizes = [...new Set([...PAGE_SIZES, limit])].sort((a, b) => a - b);
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 pt-3">
      <p className="text-muted tabular-nums" role="status">
        {t("range", {
          from: number.format(from),
          to: number.format(to),
          total: number.format(total) + (totalIsMinimum ? "+" : ""),
        })}
      </p>
      <div className="flex flex-wrap items-center gap-4">
        <label className="flex items-center gap-2 text-muted">
          <span>{t("rows_per_page")}</span>
          <Select
            size="sm"
            className="w-18"
            label={t("rows_per_page")}
            value={String(limit)}
            onChange={(next) => onChange({ limit: Number(next) })}
            options={sizes.map((size) => ({ value: String(size), label: number.format(size) }))}
          />
        </label>
        {(pages > 1 || isBeyond) && (
          <nav aria-label={t("pages")} className="flex items-center gap-1">
            <IconButton
              size="sm"
              label={t("previous_page")}
              icon={<ChevronLeft />}
              disabled={page <= 1}
              onClick={() => (page - 1 > pages ? history.back() : onChange({ page: page - 1 }))}
            />
            {(isBeyond ? [...pageNumbers(pages, pages), null, page] : pageNumbers(page, pages)).map((n, index) =>
              n === null ? (
                <span key={`gap-${index}`} aria-hidden className="px-1 text-faint">
                  …
                </span>
              ) : (
                <button
                  key={n}
                  type="button"
                  aria-label={t("page_number", { page: n })}
                  aria-current={n === page ? "page" : undefined}
                  onClick={() => n !== page && onChange({ page: n })}
                  className={cx(
                    "h-8 min-w-8 rounded-lg px-2 tabular-nums hover:bg-hover",
                    n === page ? "bg-blue/12 font-semibold text-blue" : "text-muted",
                  )}
                >
                  {number.format(n)}
                </button>
              ),
            )}
            <IconButton
              size="sm"
              label={t("next_page")}
              icon={<ChevronRight />}
              disabled={page >= pages && !onFurther}
              onClick={() => (page < pages ? onChange({ page: page + 1 }) : onFurther?.())}
            />
          </nav>
        )}
      </div>
    </div>
  );
}
