import { Outlet, useParams } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { useNotices } from "@/inbox/notices";
import { useIsPhone } from "@/lib/media";
import { useShortcuts } from "@/lib/shortcuts";
import { Button, EmptyState, Spinner } from "@/ui";
import { AccountProvider, useMe } from "./account";
import { ConnectionBanner } from "./ConnectionBanner";
import { LiveProvider } from "./live";
import { BottomBar, Rail } from "./Nav";
import { Palette } from "./Palette";
import { ShortcutSheet } from "./ShortcutSheet";

/** What stands around every page: navigation, palette, banner, and the connection behind them. */
export function Shell() {
  const { t } = useTranslation();
  const me = useMe();
  // what was read once stays on the screen when reading it again fails: a form that is being filled must not go
  if (!me.data && !me.error) {
    return (
      <div className="flex h-full items-center justify-center text-muted" role="status" aria-label={t("loading")}>
        <Spinner />
      </div>
    );
  }
  if (!me.data) {
    return (
      <main className="flex h-full items-center justify-center">
        <EmptyState
          title={t("unreachable.title")}
          text={t("unreachable.text")}
          action={<Button onClick={() => void me.refetch()}>{t("again")}</Button>}
        />
      </main>
    );
  }
  if (!me.data.accounts.length) {
    return (
      <main className="flex h-full items-center justify-center">
        <EmptyState title={t("noAccount.title")} text={t("noAccount.text")} />
      </main>
    );
  }
  return (
    <AccountProvider me={me.data}>
      <LiveProvider>
        <Frame />
      </LiveProvider>
    </AccountProvider>
  );
}

function Frame() {
  const { t } = useTranslation();
  const { conversation } = useParams({ strict: false }) as { conversation?: string };
  const isPhone = useIsPhone();
  const [palette, setPalette] = useState(false);
  const [sheet, setSheet] = useState(false);
  useNotices();
  useShortcuts({
    "mod+k": () => setPalette((open) => !open),
    "?": () => setSheet(true),
  });
  return (
    <div className="flex h-dvh flex-col overflow-hidden">
      <a
        href="#main"
        className="sr-only rounded-lg bg-brand px-3 py-2 text-on-brand focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-80"
      >
        {t("skip")}
      </a>
      <ConnectionBanner />
      <div className="flex min-h-0 flex-1">
        {!isPhone && <Rail onSearch={() => setPalette(true)} onHelp={() => setSheet(true)} />}
        <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
          <Suspense>
            <Outlet />
          </Suspense>
        </main>
      </div>
      {isPhone && !conversation && <BottomBar onSearch={() => setPalette(true)} />}
      <Palette open={palette} onOpenChange={setPalette} onHelp={() => setSheet(true)} />
      <ShortcutSheet open={sheet} onOpenChange={setSheet} />
    </div>
  );
}
