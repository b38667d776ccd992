import { useQuery } from "@tanstack/react-query";
import type { Id, Message } from "@turumba/realtime";
import { ScrollText } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { full } from "@/lib/time";
import { Banner, Dialog, IconButton, Skeleton } from "@/ui";
import { ExchangeDetails, Outcome } from "../exchange";

/** Shows those who manage channels what was told to the provider about a message of ours. */
export function ProviderLog({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const { can } = useAccount();
  const [open, setOpen] = useState(false);
  if (!can("channels.manage")) return null;
  return (
    <>
      <IconButton
        label={t("provider.title")}
        icon={<ScrollText />}
        size="sm"
        tooltip={false}
        onClick={() => setOpen(true)}
        className="shrink-0 self-center opacity-0 group-hover:opacity-100 focus-visible:opacity-100 [@media(hover:none)]:opacity-70"
      />
      {open && <Attempts id={message.id} onClose={() => setOpen(false)} />}
    </>
  );
}

function Attempts({ id, onClose }: { id: Id; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  const found = useQuery({
    queryKey: ["messages", "attempts", id],
    queryFn: () => data(api.GET("/v1/messages/{id}/attempts", { params: { path: { id } } })),
    // it may be under way
    staleTime: 0,
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("provider.title")}
      description={t("provider.text")}
      className="w-[min(46rem,calc(100vw-1.5rem))]"
    >
      {found.error ? (
        <Banner tone="red">{found.error.message}</Banner>
      ) : !found.data ? (
        <Skeleton className="h-32 rounded-lg" />
      ) : found.data.length === 0 ? (
        <p className="text-muted">{t("provider.nothing")}</p>
      ) : (
        <ol className="flex flex-col gap-5">
          {found.data.map((attempt) => (
            <Attempt key={attempt.id} attempt={attempt} />
          ))}
        </ol>
      )}
    </Dialog>
  );
}

function Attempt({ attempt }: { attempt: Schemas["AttemptView"] }) {
  const { t, i18n } = useTranslation("inbox");
  return (
    <li data-attempt={attempt.number}>
      <p className="mb-2 flex flex-wrap items-center gap-2">
        <span className="font-semibold">{t("provider.attempt", { number: attempt.number })}</span>
        <span className="text-muted">{full(attempt.started_at, i18n.language)}</span>
        <Outcome outcome={attempt.outcome} />
      </p>
      {attempt.error && (
        <p className="mb-2 break-words text-muted">
          {attempt.error.code}: {attempt.error.message}
        </p>
      )}
      {attempt.provider_message_ids.length > 0 && (
        <p className="mb-2 text-[0.8125rem] break-all text-muted">
          {t("provider.ids")} <span className="font-mono">{attempt.provider_message_ids.join(", ")}</span>
        </p>
      )}
      <div className="flex flex-col gap-2">
        {attempt.exchanges.map((exchange, index) => (
          <ExchangeDetails key={index} exchange={exchange} />
        ))}
      </div>
    </li>
  );
}
