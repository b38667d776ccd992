import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ban, CalendarClock, GitMerge, MessageSquare, Send, UserPlus, Users, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { api, page, type Schemas } from "@/api/client";
import { Ago } from "@/settings/common/time";
import { Badge, Button, Skeleton } from "@/ui";
import type { Contact } from "./data";

type Item = Schemas["Many_TimelineItem"]["data"][number];

const PAGE = 50;
const icons: Record<string, LucideIcon> = {
  created: UserPlus,
  conversation: MessageSquare,
  message: Send,
  group: Users,
  suppression: Ban,
  merge: GitMerge,
  schedule: CalendarClock,
};

/** What happened with a contact, newest first. */
export function Timeline({ contact }: { contact: Contact }) {
  const { t } = useTranslation("people");
  const { t: ui } = useTranslation("ui");
  const found = useInfiniteQuery({
    queryKey: ["timeline", contact.id],
    queryFn: ({ pageParam }) =>
      page(
        api.GET("/v1/contacts/{id}/timeline", {
          params: { path: { id: contact.id }, query: { limit: PAGE, ...(pageParam && { before: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: ({ data }) => (data.length === PAGE ? data[data.length - 1]?.at : undefined),
  });
  if (found.isPending) return <Skeleton className="h-24" />;
  if (found.error) return <p role="alert">{found.error.message}</p>;
  return (
    <>
      <ol className="flex flex-col">
        {found.data.pages
          .flatMap(({ data }) => data)
          .map((item) => {
            const Icon = icons[item.kind] ?? MessageSquare;
            return (
              <li key={`${item.kind} ${item.id}`} className="flex gap-3 border-b border-line py-2.5 last:border-0">
                <span className="mt-0.5 flex size-7 shrink-0 items-center justify-center rounded-full bg-raised text-muted">
                  <Icon aria-hidden className="size-4" />
                </span>
                <div className="min-w-0 flex-1">
                  <p className="flex flex-wrap items-center gap-x-2">
                    <span className="font-medium">{t(`timeline.kinds.${item.kind}`, { defaultValue: item.kind })}</span>
                    {item.status && (
                      <Badge>{t(`timeline.statuses.${item.status}`, { defaultValue: item.status })}</Badge>
                    )}
                    <span className="ml-auto text-xs">
                      <Ago at={item.at} />
                    </span>
                  </p>
                  {item.title && (
                    <p className="truncate text-muted">
                      <Subject item={item}>{item.title}</Subject>
                    </p>
                  )}
                </div>
              </li>
            );
          })}
      </ol>
      {found.hasNextPage && (
        <Button className="mt-3" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {ui("more")}
        </Button>
      )}
    </>
  );
}

/** What the line is about, where one can go to it. */
function Subject({ item, children }: { item: Item; children: ReactNode }) {
  const look = "hover:text-blue hover:underline";
  if (item.kind === "conversation") {
    return (
      <Link to="/inbox/$view/$conversation" params={{ view: "all", conversation: item.id }} className={look}>
        {children}
      </Link>
    );
  }
  if (item.kind === "group") {
    return (
      <Link to="/groups/$groupId" params={{ groupId: item.id }} className={look}>
        {children}
      </Link>
    );
  }
  if (item.kind === "schedule") {
    return (
      <Link to="/scheduled-messages/$scheduleId" params={{ scheduleId: item.id }} className={look}>
        {children}
      </Link>
    );
  }
  return children;
}
