import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Button, EmptyState, Skeleton } from "@/ui";

interface LoadedProps<T> {
  /** The query's key; its first part is the kind of thing. */
  of: readonly unknown[];
  read: () => Promise<T>;
  children: (thing: T) => ReactNode;
  /** Around what stands in its place. */
  around?: (waiting: ReactNode) => ReactNode;
}

/** Something from the hub, and what stands in its place until it is there. */
export function Loaded<T>({ of, read, children, around = (waiting) => waiting }: LoadedProps<T>) {
  const { t } = useTranslation("ui");
  // a form must not begin with what was read when it was open before
  const found = useQuery({ queryKey: of, queryFn: read, gcTime: 0 });
  if (found.data !== undefined) return <>{children(found.data)}</>;
  if (found.error) {
    return around(
      <EmptyState
        title={t("load_failed")}
        text={found.error.message}
        action={
          <Button icon={<RotateCw aria-hidden className="size-4" />} onClick={() => void found.refetch()}>
            {t("retry")}
          </Button>
        }
      />,
    );
  }
  return around(
    <div role="status" aria-label={t("loading")} className="flex flex-col gap-4 py-2">
      <Skeleton className="h-5 w-40" />
      <Skeleton className="h-9 w-full" />
      <Skeleton className="h-5 w-28" />
      <Skeleton className="h-24 w-full" />
    </div>,
  );
}
