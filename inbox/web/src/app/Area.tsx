import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Lock, type LucideIcon } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { cx, EmptyState, ReadOnly } from "@/ui";
import { useAccount } from "./account";

/** A page of an area: where it is, who sees it, and who may change something on it. */
export interface Place {
  /** The first part of its address, and its name in the catalogue. */
  path: string;
  icon: LucideIcon;
  view: string;
  manage: string;
}

/** Pages that belong together, their list beside them; on a phone it lies above. */
export function Area({ name, places }: { name: "people" | "sending"; places: readonly Place[] }) {
  const { t } = useTranslation();
  const { can } = useAccount();
  const { pathname } = useLocation();
  const path = pathname.split("/")[1];
  const here = places.find((place) => place.path === path);
  const list = useRef<HTMLElement>(null);
  // on a phone the places lie in a row that is wider than it
  useEffect(() => {
    list.current?.querySelector("[aria-current=page]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [path]);
  return (
    <div className="flex h-full min-h-0 min-w-0 flex-1 flex-col md:flex-row">
      <nav
        ref={list}
        aria-label={t(`nav.${name}`)}
        className="shrink-0 overflow-x-auto border-b border-line bg-section p-2 md:w-52 md:border-b-0 md:p-3"
      >
        <h1 className="px-2.5 pt-1 pb-2 text-lg font-semibold max-md:sr-only">{t(`nav.${name}`)}</h1>
        <ul className="flex gap-1 md:flex-col">
          {places
            .filter(({ view }) => can(view))
            .map(({ path: to, icon: Icon }) => (
              <li key={to}>
                <Link
                  to={`/${to}` as "/"}
                  aria-current={to === path ? "page" : undefined}
                  className={cx(
                    "flex h-9 items-center gap-2.5 rounded-lg px-2.5 whitespace-nowrap text-muted transition-colors hover:bg-hover hover:text-ink [&_svg]:size-4",
                    to === path && "bg-selected font-medium text-ink",
                  )}
                >
                  <Icon aria-hidden />
                  {t(`places.${to}`)}
                </Link>
              </li>
            ))}
        </ul>
      </nav>
      <div className="min-w-0 flex-1 overflow-y-auto border-line bg-page md:border-l">
        {/* another page begins at its top and with nothing of the page before */}
        <div key={path} className="mx-auto w-full max-w-7xl px-4 py-5 sm:px-6 lg:px-8">
          {here && !can(here.view) ? (
            <EmptyState icon={<Lock />} title={t("noAccess.title")} text={t("noAccess.text")} />
          ) : (
            <ReadOnly value={here !== undefined && !can(here.manage)}>
              <Outlet />
            </ReadOnly>
          )}
        </div>
      </div>
    </div>
  );
}
