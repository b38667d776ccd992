import { Activity, PlugZap, RefreshCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data, type Schemas } from "@/api/client";
import { Badge, Banner, Button, CopyField, Switch, useReadOnly, useToast, type Tone } from "@/ui";
import { useAttempt, useChanged } from "../common/hooks";
import { Card } from "../common/page";
import { Ago } from "../common/time";
import type { Channel, Profile } from "./data";
import { labelOf } from "./schema";
import { Silent } from "./Silent";
import { TestMessage } from "./TestMessage";
import { Unheard } from "./Unheard";
import { useSwitch } from "./useSwitch";

type Health = Schemas["ChannelHealth"];
const TONES: Record<string, Tone> = { ok: "green", degraded: "orange", down: "red" };

/** How a channel stands at its provider, and what can be done about it. */
export function Connection({ channel, profile }: { channel: Channel; profile: Profile }) {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  const attempt = useAttempt();
  const changed = useChanged();
  const toast = useToast();
  const enable = useSwitch();
  const [busy, setBusy] = useState<"verify" | "health" | "webhook" | null>(null);
  const [health, setHealth] = useState<Health | null>(null);
  /** With the secret in it that some providers need; shown to whoever asked for it. */
  const [address, setAddress] = useState<string | null>(null);
  const path = { id: channel.id };

  const during = async (what: typeof busy, work: () => Promise<unknown>) => {
    setBusy(what);
    await attempt(work);
    setBusy(null);
  };
  const verify = () =>
    during("verify", async () => {
      const found = await data(api.POST("/v1/channels/{id}/verify", { params: { path } }));
      if (found.status === "connected") await changed(["channels"], t("channels.verified"));
      else {
        await changed(["channels"], t("channels.was_verified"));
        toast.error(t("channels.not_connected"), { text: found.error_message });
      }
    });
  const check = () =>
    during("health", async () => setHealth(await data(api.GET("/v1/channels/{id}/health", { params: { path } }))));
  const register = () =>
    during("webhook", async () => {
      const state = await data(api.POST("/v1/channels/{id}/webhook", { params: { path } }));
      setAddress(state.webhook_url);
      await changed(["channels"], t(`channels.receiving.${state.receiving}`));
    });

  return (
    <>
      <Card title={t("channels.state")}>
        <div className="flex flex-col gap-4">
          <Switch
            label={t("channels.is_enabled")}
            hint={t("channels.is_enabled_hint")}
            checked={channel.is_enabled}
            onChange={(next) => void enable(channel, next)}
          />
          <Unheard channel={channel} />
          <Silent channel={channel} />
          {channel.error_message && (
            <Banner tone="red" title={t("channels.error")}>
              {channel.error_message}
            </Banner>
          )}
          <p className="text-muted">
            {t("channels.last_verified")} <Ago at={channel.last_verified_at} />
          </p>
          {!readOnly && (
            <div className="flex flex-wrap gap-2">
              <Button
                loading={busy === "verify"}
                disabled={!channel.is_enabled}
                icon={<PlugZap aria-hidden className="size-4" />}
                onClick={() => void verify()}
              >
                {t("channels.verify")}
              </Button>
              <Button
                loading={busy === "health"}
                icon={<Activity aria-hidden className="size-4" />}
                onClick={() => void check()}
              >
                {t("channels.health")}
              </Button>
              {profile.dispatched && <TestMessage channel={channel} />}
            </div>
          )}
          <div aria-live="polite">{health && <HealthFacts health={health} />}</div>
        </div>
      </Card>
      {profile.dispatched && (
        <Card title={t("channels.webhook")}>
          <div className="flex flex-col gap-3">
            <CopyField
              label={t("channels.webhook_url")}
              text={address ?? channel.webhook_url}
              hint={t(profile.registers_webhook ? "channels.webhook_auto" : "channels.webhook_by_hand")}
            />
            {!readOnly && (
              <Button
                className="self-start"
                size="sm"
                loading={busy === "webhook"}
                icon={<RefreshCw aria-hidden className="size-4" />}
                onClick={() => void register()}
              >
                {t("channels.register")}
              </Button>
            )}
          </div>
        </Card>
      )}
    </>
  );
}

function HealthFacts({ health }: { health: Health }) {
  const { t } = useTranslation("settings");
  const facts = Object.entries(health.facts as Record<string, unknown>).filter(([, value]) => value !== null);
  return (
    <div className="rounded-lg border border-line p-3">
      <p className="flex items-center gap-2">
        <Badge tone={TONES[health.status] ?? "neutral"}>{t(`channels.healths.${health.status}`)}</Badge>
        {health.message && <span className="min-w-0 break-words">{health.message}</span>}
      </p>
      {facts.length > 0 && (
        <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-[0.8125rem]">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-faint">{labelOf(name, t)}</dt>
              <dd className="min-w-0 break-words">
                {typeof value === "object" ? JSON.stringify(value) : String(value)}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
