import { Link, Navigate, Outlet, useLocation } from "@tanstack/react-router";
import { BookOpen, ExternalLink, Lock } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useAccount } from "@/app/account";
import { useMedia } from "@/lib/media";
import { cx, EmptyState, ReadOnly } from "@/ui";
import { groups, sectionOf, type Section } from "./sections";

/** The list of pages beside the page; on a phone one or the other. */
export function SettingsLayout() {
  const { pathname } = useLocation();
  const section = sectionOf(pathname);
  const hasBoth = useMedia("(min-width: 768px)");
  // beside the list there is room for a page, and an empty one says nothing
  if (hasBoth && pathname.replace(/\/$/, "") === "/settings") return <Navigate to="/settings/profile" replace />;
  return (
    <div className="flex h-full min-h-0 min-w-0 flex-1">
      <SettingsNav className={cx("w-full shrink-0 overflow-y-auto md:block md:w-60", section && "hidden")} />
      <div
        className={cx("min-w-0 flex-1 overflow-y-auto border-line bg-page md:border-l", !section && "hidden md:block")}
      >
        {/* another page begins at its top and with nothing of the page before */}
        <div key={section?.path} className="mx-auto w-full max-w-6xl px-4 py-5 sm:px-6 lg:px-8">
          <SettingsPage section={section} />
        </div>
      </div>
    </div>
  );
}

function SettingsPage({ section }: { section: Section | undefined }) {
  const { t } = useTranslation("settings");
  const { can } = useAccount();
  if (section?.view && !can(section.view)) {
    return <EmptyState icon={<Lock />} title={t("no_access")} text={t("no_access_text")} />;
  }
  return (
    <ReadOnly value={section?.manage !== undefined && !section.manage.some(can)}>
      <Outlet />
    </ReadOnly>
  );
}

function SettingsNav({ className }: { className: string }) {
  const { t } = useTranslation("settings");
  const { can } = useAccount();
  const row =
    "flex h-9 items-center gap-2.5 rounded-lg px-2.5 text-muted transition-colors hover:bg-hover hover:text-ink [&_svg]:size-4";
  return (
    <nav aria-label={t("title")} className={cx("bg-section p-3", className)}>
      <h1 className="px-2.5 pt-1 pb-2 text-lg font-semibold">{t("title")}</h1>
      {groups.map((group) => {
        const sections = group.sections.filter(({ view }) => !view || can(view));
        return (
          sections.length > 0 && (
            <section key={group.name} className="mb-3" aria-labelledby={`group-${group.name}`}>
              <h2 id={`group-${group.name}`} className="px-2.5 py-1.5 text-xs font-semibold text-faint">
                {t(`groups.${group.name}`)}
              </h2>
              <ul>
                {sections.map(({ path, icon: Icon }) => (
                  <li key={path}>
                    <Link
                      to={`/settings/${path}` as "/settings"}
                      activeProps={{ className: "bg-selected! text-ink! font-medium", "aria-current": "page" }}
                      className={row}
                    >
                      <Icon aria-hidden />
                      {t(`sections.${path}`)}
                    </Link>
                  </li>
                ))}
                {group.name === "organisation" && (
                  <li>
                    <a href="/docs" target="_blank" rel="noreferrer" className={row}>
                      <BookOpen aria-hidden />
                      {t("sections.api-docs")}
                      <ExternalLink aria-hidden className="ml-auto size-3.5!" />
                      <span className="sr-only">{t("new_tab")}</span>
                    </a>
                  </li>
                )}
              </ul>
            </section>
          )
        );
      })}
    </nav>
  );
}
