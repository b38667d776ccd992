import { Link } from "@tanstack/react-router";
import { Ban, Contact, MessageSquare, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useChannels } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { full } from "@/lib/time";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import { Chips } from "@/templates/Chips";
import { Banner, Button, Sheet } from "@/ui";
import { canRetry, messages, type Message } from "./data";
import { Direction, Standing } from "./Looks";

const MOMENTS = ["created_at", "scheduled_at", "sent_at", "delivered_at", "read_at", "failed_at"] as const;

/** All that is known of one message, beside the list. */
export function MessageSheet({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t, i18n } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const { t: inbox } = useTranslation("inbox");
  const { can } = useAccount();
  const channels = useChannels();
  const channel = channels.find(({ id }) => id === message.channel_id);
  const metadata = Object.entries((message.metadata ?? {}) as Record<string, unknown>);
  const why = message.error && inbox(`delivery.why.${message.error.class}`, { defaultValue: inbox("delivery.failed") });
  return (
    <Sheet
      open
      onOpenChange={onClose}
      title={
        <span className="flex flex-wrap items-center gap-2">
          {t("messages.one")}
          <Direction of={message} />
          <Standing of={message} />
        </span>
      }
      className="w-[min(34rem,100vw)]"
    >
      <div className="flex flex-col gap-5">
        <div className="flex flex-wrap gap-2">
          {message.conversation_id && can("conversations.view") && (
            <Button size="sm" asChild>
              <Link
                to="/inbox/$view/$conversation"
                params={{ view: "all", conversation: message.conversation_id }}
              >
                <MessageSquare aria-hidden className="size-4" />
                {t("messages.conversation")}
              </Link>
            </Button>
          )}
          {message.contact_id && can("contacts.view") && (
            <Button size="sm" asChild>
              <Link to="/contacts" search={{ open: message.contact_id } as never}>
                <Contact aria-hidden className="size-4" />
                {t("test.contact")}
              </Link>
            </Button>
          )}
          {can("conversations.reply") && <Deeds message={message} />}
        </div>
        {message.error && (
          <Banner tone="red" title={why ?? undefined}>
            {message.error.message} <span className="font-mono text-xs">{message.error.code}</span>
          </Banner>
        )}
        <p
          dir="auto"
          className="rounded-xl bg-raised/60 p-3 break-words whitespace-pre-wrap"
        >
          {message.message_body || <span className="text-faint">{t("messages.no_text")}</span>}
        </p>
        {message.attachments.length > 0 && (
          <ul className="flex flex-col gap-1">
            {message.attachments.map((file, at) => (
              <li key={at} className="truncate">
                {file.url ? (
                  <a href={file.url} target="_blank" rel="noreferrer" className="text-blue hover:underline">
                    {file.filename ?? file.url}
                  </a>
                ) : (
                  file.filename
                )}
              </li>
            ))}
          </ul>
        )}
        {message.original_template && message.original_template !== message.message_body && (
          <details className="rounded-xl border border-line p-3">
            <summary className="cursor-pointer font-medium">{t("messages.original")}</summary>
            <p className="mt-2 break-words">
              <Chips text={message.original_template} />
            </p>
          </details>
        )}
        <Facts title={t("messages.delivery")}>
          <Fact label={t("messages.address")}>{message.delivery_address}</Fact>
          <Fact label={settings("fields.channel")}>{channel?.name}</Fact>
          <Fact label={t("messages.sender")}>
            {message.sender_name ?? inbox(`sender.${message.sender_type}`, { defaultValue: message.sender_type })}
          </Fact>
        </Facts>
        <Facts title={t("messages.moments")}>
          {MOMENTS.map((name) => (
            <Fact key={name} label={t(`messages.${name}`)}>
              {message[name] && <time dateTime={message[name]}>{full(message[name], i18n.language)}</time>}
            </Fact>
          ))}
        </Facts>
        {metadata.length > 0 && (
          <Facts title={t("messages.metadata")}>
            {metadata.map(([name, value]) => (
              <Fact key={name} label={name}>
                <span className="font-mono text-xs">{typeof value === "string" ? value : JSON.stringify(value)}</span>
              </Fact>
            ))}
          </Facts>
        )}
      </div>
    </Sheet>
  );
}

/** What can be done with it where it stands. */
function Deeds({ message }: { message: Message }) {
  const { t } = useTranslation("sending");
  const { t: inbox } = useTranslation("inbox");
  const attempt = useAttempt();
  const changed = useChanged();
  const does = (work: (id: string) => Promise<unknown>, said: string) => () =>
    void attempt(async () => {
      await work(message.id);
      await changed(["messages"], said);
    });
  return (
    <>
      {canRetry(message) && (
        <Button
          size="sm"
          icon={<RotateCw aria-hidden className="size-4" />}
          onClick={does(messages.retry, t("messages.retried"))}
        >
          {t(message.status === "unknown" ? "messages.send_again" : "messages.retry")}
        </Button>
      )}
      {message.status === "scheduled" && (
        <Button
          size="sm"
          icon={<Ban aria-hidden className="size-4" />}
          onClick={does(messages.cancel, t("controls.said.cancelled"))}
        >
          {inbox("delivery.cancel")}
        </Button>
      )}
    </>
  );
}

function Facts({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-2 font-semibold">{title}</h3>
      <dl className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-x-4 gap-y-1.5">{children}</dl>
    </section>
  );
}

/** What is not there is not named. */
function Fact({ label, children }: { label: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="break-words">{children}</dd>
    </>
  );
}
