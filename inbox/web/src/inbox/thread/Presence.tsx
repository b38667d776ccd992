import type { Id } from "@turumba/realtime";
import { Eye } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useInbox } from "@/app/live";

const NOBODY: readonly never[] = [];

/** Who types, and which colleagues look at the same thread. One line that is always there, so that nothing jumps. */
export function Presence({ id }: { id: Id }) {
  const { t } = useTranslation("inbox");
  const typing = useInbox((store) => store.thread(id)?.typing ?? NOBODY);
  const viewers = useInbox((store) => store.thread(id)?.viewers ?? NOBODY);
  const me = useInbox((store) => store.viewer.userId);
  const others = viewers.filter((one) => one.user_id !== me);
  const customer = typing.some((one) => one.isCustomer);
  const colleagues = typing.filter((one) => !one.isCustomer).map((one) => one.name);
  const text = customer
    ? t("typing.customer")
    : colleagues.length
      ? t("typing.colleague", { name: colleagues.join(", "), count: colleagues.length })
      : null;
  return (
    <div className="flex h-6 shrink-0 items-center gap-3 px-4 text-xs text-faint">
      <span aria-live="polite" className="flex min-w-0 flex-1 items-center gap-1.5 truncate">
        {text && (
          <>
            <span aria-hidden className="flex gap-0.5">
              {[0, 1, 2].map((at) => (
                <span
                  key={at}
                  className="size-1.5 animate-bounce rounded-full bg-faint"
                  style={{ animationDelay: `${at * 120}ms` }}
                />
              ))}
            </span>
            {text}
          </>
        )}
      </span>
      {others.length > 0 && (
        <span className="flex shrink-0 items-center gap-1.5" data-viewers>
          <Eye aria-hidden className="size-3.5" />
          {t("viewing", { names: others.map((one) => one.name).join(", "), count: others.length })}
        </span>
      )}
    </div>
  );
}
