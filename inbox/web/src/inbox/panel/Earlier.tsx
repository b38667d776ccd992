import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Id } from "@turumba/realtime";
import { useTranslation } from "react-i18next";

import { api, page } from "@/api/client";
import { brief } from "@/lib/time";
import { Skeleton } from "@/ui";
import { ChannelIcon } from "../channel";

const MOST = 10;

/** Other conversations with the same contact, on whatever channel. */
export function Earlier({ contact, except }: { contact: Id; except: Id }) {
  const { t, i18n } = useTranslation("inbox");
  const { data, isPending } = useQuery({
    queryKey: ["conversations", "of", contact],
    queryFn: () =>
      page(
        api.GET("/v1/conversations", {
          params: { query: { filter: [`contact_id:eq:${contact}`], sort: ["last_message_at:desc"], limit: MOST + 1 } },
        }),
      ),
  });
  if (isPending) return <Skeleton className="h-10" />;
  const others = (data?.data ?? []).filter((one) => one.id !== except).slice(0, MOST);
  if (!others.length) return <p className="text-faint">{t("panel.noEarlier")}</p>;
  return (
    <ul className="-mx-2 flex flex-col">
      {others.map((one) => (
        <li key={one.id}>
          <Link
            to="/inbox/$view/$conversation"
            params={{ view: "all", conversation: one.id }}
            className="flex items-center gap-2 rounded-lg px-2 py-1.5 hover:bg-hover"
          >
            <ChannelIcon type={one.channel_type} className="size-5" />
            <span className="min-w-0 flex-1">
              <span className="block truncate">{one.subject ?? one.last_message_preview ?? t("list.nothing")}</span>
              <span className="block text-xs text-faint">
                {t(`status.${one.status}`)}
                {one.last_message_at && ` · ${brief(one.last_message_at, i18n.language)}`}
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
