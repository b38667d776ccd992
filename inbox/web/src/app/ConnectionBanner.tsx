import { CloudOff, RefreshCw } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { cx } from "@/ui";
import { useInbox, useLive } from "./live";

/** A blink of the network is nobody's business. */
const PATIENCE_MS = 1_200;
const GOOD_NEWS_MS = 2_500;

/** A quiet line while the hub cannot be reached, and a short one when it is back. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const live = useLive();
  const state = useInbox((store) => store.connection);
  const waiting = useInbox((store) => {
    let count = 0;
    for (const entries of store.pending.values()) count += entries.filter((entry) => !entry.error).length;
    return count;
  });
  const [shown, setShown] = useState<"none" | "lost" | "back">("none");

  useEffect(() => {
    if (state === "live") {
      setShown((now) => (now === "lost" ? "back" : "none"));
      const timer = setTimeout(() => setShown("none"), GOOD_NEWS_MS);
      return () => clearTimeout(timer);
    }
    const timer = setTimeout(() => setShown("lost"), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state]);

  return (
    <div role="status" aria-live="polite">
      {shown !== "none" && (
        <div
          data-banner={shown}
          className={cx(
            "flex min-h-8 items-center justify-center gap-2 px-3 py-1 text-center text-[0.8125rem]",
            shown === "lost" ? "bg-orange/12 text-orange" : "bg-green/12 text-green",
          )}
        >
          {shown === "lost" ? <CloudOff aria-hidden className="size-4 shrink-0" /> : null}
          <span>
            {shown === "back"
              ? t("connection.back")
              : waiting
                ? t("connection.waiting", { count: waiting })
                : t("connection.lost")}
          </span>
          {shown === "lost" && state === "offline" && (
            <button
              type="button"
              className="inline-flex items-center gap-1 font-medium underline underline-offset-2"
              onClick={() => live.connection.restart("asked")}
            >
              <RefreshCw aria-hidden className="size-3.5" />
              {t("connection.now")}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
