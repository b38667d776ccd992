import { Send } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data, type Schemas } from "@/api/client";
import { ExchangeDetails, Outcome } from "@/inbox/exchange";
import { useOnce } from "@/lib/once";
import { Banner, Button, Dialog, Field, Input, Textarea } from "@/ui";
import type { Channel } from "./data";

/** Sends one message to an address of one's own and shows what the provider made of it. */
export function TestMessage({ channel }: { channel: Channel }) {
  const { t } = useTranslation("settings");
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        disabled={!channel.is_enabled}
        icon={<Send aria-hidden className="size-4" />}
        onClick={() => setOpen(true)}
      >
        {t("channels.test.open")}
      </Button>
      {open && <TestDialog channel={channel} onClose={() => setOpen(false)} />}
    </>
  );
}

function TestDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const once = useOnce();
  const [to, setTo] = useState("");
  const [text, setText] = useState(t("channels.test.words"));
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [told, setTold] = useState<Schemas["TestOutcome"] | null>(null);
  const isComplete = to.trim() && text.trim();
  const send = async () => {
    setBusy(true);
    setRefusal(null);
    setTold(null);
    try {
      const body = { to: to.trim(), text };
      const params = { path: { id: channel.id } };
      setTold(
        await once(body, (sentOnce) =>
          data(api.POST("/v1/channels/{id}/test-message", { params, body, ...sentOnce })),
        ),
      );
    } catch (error) {
      setRefusal((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("channels.test.open")}
      description={t("channels.test.text")}
      footer={
        <Button variant="primary" loading={busy} disabled={!isComplete} onClick={() => void send()}>
          {t("channels.test.send")}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        {refusal && <Banner tone="red">{refusal}</Banner>}
        <Field label={t("channels.test.to")} hint={t("channels.test.to_hint")} required>
          <Input value={to} onChange={(event) => setTo(event.target.value)} />
        </Field>
        <Field label={t("channels.test.message")} required>
          <Textarea value={text} onChange={(event) => setText(event.target.value)} />
        </Field>
        <div aria-live="polite" className="flex flex-col gap-2">
          {told && (
            <>
              <p data-test-outcome={told.outcome} className="flex flex-wrap items-center gap-2">
                <Outcome outcome={told.outcome} />
                {told.error && <span className="min-w-0 break-words">{told.error.message}</span>}
                {told.provider_message_id && (
                  <span className="font-mono text-[0.8125rem] break-all text-muted">{told.provider_message_id}</span>
                )}
              </p>
              {told.exchange && <ExchangeDetails exchange={told.exchange} />}
            </>
          )}
        </div>
      </div>
    </Dialog>
  );
}
