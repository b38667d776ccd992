import { CircleCheck, CircleMinus, CircleX, FlaskConical } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { api, ApiError, data, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { Banner, Button, Checkbox, cx, Field, Input, ReadOnly, Select, Textarea } from "@/ui";
import { channelOptions, type ChannelType } from "../common/channels";
import { Card } from "../common/page";
import { Deeds } from "./summary";
import type { RuleBody } from "./wire";

type Result = Schemas["DryRunResult"];

/** A rule that is being written, tried in the place of the stored one. */
export interface Draft extends RuleBody {
  name: string;
  priority: number;
  /** The stored rule that it will replace. */
  replaces?: string;
}

/** Asks what the bot would do with a message, without anything happening. */
export function TryBox({ draft }: { draft?: () => Promise<Draft | null> }) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const [text, setText] = useState("");
  const [channel, setChannel] = useState<ChannelType>("webchat");
  const [isFirst, setFirst] = useState(true);
  const [at, setAt] = useState("");
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<(Result & { replaced?: string }) | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);

  const run = async (event: FormEvent) => {
    event.preventDefault();
    setRefusal(null);
    if (!text.trim()) return setRefusal(t("bot.try.no_text"));
    setBusy(true);
    try {
      const drafted = draft ? await draft() : undefined;
      // the form has said what is wrong with it
      if (drafted === null) return setRefusal(t("bot.try.bad_draft"));
      const { replaces, ...rule } = drafted ?? {};
      const body = {
        account_id: account.account_id,
        text,
        channel_type: channel,
        first_message: isFirst,
        ...(at && { at: new Date(at).toISOString() }),
        ...(drafted && { rule: rule as Omit<Draft, "replaces">, ...(replaces && { replaces }) }),
      };
      const told = await data(api.POST("/v1/bot-rules/test", { body: body }));
      setResult({ ...told, ...(replaces && { replaced: replaces }) });
    } catch (error) {
      setResult(null);
      const fields = error instanceof ApiError ? Object.entries(error.fields) : [];
      const details = fields.map(([field, message]) => `${field}: ${message}`).join("\n");
      setRefusal(details || (error instanceof Error ? error.message : t("bot.try.failed")));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Card title={t("bot.try.title")} text={draft ? t("bot.try.text_draft") : t("bot.try.text")}>
      {/* nothing happens, so whoever may see the rules may try them */}
      <ReadOnly value={false}>
        <form onSubmit={(event) => void run(event)} className="flex flex-col gap-3.5" aria-label={t("bot.try.title")}>
          <Field label={t("bot.try.message")}>
            <Textarea
              rows={2}
              value={text}
              placeholder={t("bot.try.placeholder")}
              onChange={(event) => setText(event.target.value)}
            />
          </Field>
          <div className="grid grid-cols-[repeat(auto-fit,minmax(11.5rem,1fr))] gap-3">
            <Field label={t("fields.channel")}>
              <Select value={channel} onChange={setChannel} options={channelOptions(t)} />
            </Field>
            <Field label={t("bot.try.at")}>
              <Input type="datetime-local" value={at} onChange={(event) => setAt(event.target.value)} />
            </Field>
          </div>
          <Checkbox checked={isFirst} onChange={setFirst} label={t("bot.try.first")} />
          {refusal && (
            <Banner tone="red">
              <span className="whitespace-pre-line">{refusal}</span>
            </Banner>
          )}
          <Button
            type="submit"
            loading={busy}
            icon={<FlaskConical aria-hidden className="size-4" />}
            className="self-start"
          >
            {t("bot.try.run")}
          </Button>
        </form>
      </ReadOnly>
      <div aria-live="polite">{result && <Outcome result={result} />}</div>
    </Card>
  );
}

function Outcome({ result }: { result: Result & { replaced?: string } }) {
  const { t } = useTranslation("settings");
  // a hub that cannot replace a rule tries the stored one beside the draft
  const tried = result.tried.filter((rule) => rule.rule_id !== result.replaced);
  const isOld = result.rule_id !== null && result.rule_id === result.replaced;
  const matched = result.outcome === "matched" && !isOld;
  return (
    <div className="mt-4 border-t border-line pt-4" data-testid="outcome">
      {matched ? (
        <div className="rounded-lg bg-green/12 p-3">
          <p className="flex items-center gap-2 font-semibold text-green">
            <CircleCheck aria-hidden className="size-4.5 shrink-0" />
            {t("bot.try.matched", { name: result.rule_name })}
          </p>
          {result.actions && (
            <div className="mt-2">
              <Deeds
                rule={{
                  name: "",
                  description: null,
                  is_active: true,
                  trigger_type: "fallback",
                  conditions: {},
                  actions: result.actions,
                }}
              />
              {result.actions.reply_text && (
                <p className="mt-2 rounded-lg bg-section px-3 py-2 break-words whitespace-pre-wrap">
                  {result.actions.reply_text}
                </p>
              )}
            </div>
          )}
        </div>
      ) : (
        <p className="flex items-center gap-2 rounded-lg bg-raised p-3 font-medium">
          <CircleMinus aria-hidden className="size-4.5 shrink-0 text-muted" />
          {result.outcome === "silent" ? t("bot.try.silent", { reason: result.reason }) : t("bot.try.no_match")}
        </p>
      )}
      {result.language && (
        <p className="mt-2 text-xs text-faint">{t("bot.try.language", { language: result.language })}</p>
      )}
      {tried.length > 0 && (
        <>
          <h4 className="mt-3 text-xs font-semibold text-faint">{t("bot.try.tried")}</h4>
          <ol className="mt-1 flex flex-col gap-1">
            {tried.map((rule) => (
              <li key={rule.rule_id} className="flex items-start gap-2 text-[0.8125rem]">
                {rule.matched ? (
                  <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-green" />
                ) : (
                  <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-faint" />
                )}
                <span className={cx("min-w-0", !rule.matched && "text-muted")}>
                  <span className="font-medium">{rule.name}</span> — {rule.reason}
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
