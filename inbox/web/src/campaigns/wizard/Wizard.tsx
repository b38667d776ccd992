import { zodResolver } from "@hookform/resolvers/zod";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { useMemo, useRef } from "react";
import { useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { api, ApiError, data, done, type Schemas } from "@/api/client";
import { useChannels } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { useOnce } from "@/lib/once";
import { useChanged } from "@/settings/common/hooks";
import { ActionBar, Card, PageHeader } from "@/settings/common/page";
import { Button, cx, Form, FormField, useSave, useUnsaved } from "@/ui";
import { Audience } from "../Audience";
import { Content } from "../Content";
import { groupMessages, type GroupMessage } from "../data";
import { sharedFieldOf } from "../fields";
import { Check } from "./Check";
import { FIELDS, schemaOf, sent, STEPS, stepOf, valuesOf, type Step, type Values } from "./schema";
import { Sending } from "./Sending";

interface WizardProps {
  /** `null`: a new one. */
  message: GroupMessage | null;
  template: Schemas["TemplateView"] | null;
}

/** A group message in four steps: to whom, what, how, and a last look. */
export function Wizard({ message, template }: WizardProps) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const { t: ui } = useTranslation("ui");
  const { account } = useAccount();
  const navigate = useNavigate();
  const changed = useChanged();
  const once = useOnce();
  const channels = useChannels();
  const search = useSearch({ strict: false }) as { step?: string; group?: string };
  const step = STEPS.find((one) => one === search.step) ?? "audience";
  const at = STEPS.indexOf(step);
  /** What the submit that is under way is for. */
  const becomes = useRef<"draft" | "queued">("draft");
  const schema = useMemo(() => schemaOf(t, settings), [t, settings]);
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(schema) as never,
    defaultValues: valuesOf(message, template, search.group),
  });
  const go = (to: Step) => void navigate({ to: ".", search: { step: to } as never });
  const saving = useSave<Values>({
    form,
    fieldOf: sharedFieldOf,
    save: async (values, kept) => {
      try {
        const stored = await store(message, template, account.account_id, values, becomes.current, once);
        kept();
        await changed(["group-messages", "templates"], t(`wizard.said.${becomes.current}`));
        await navigate({ to: "/group-messages/$groupMessageId", params: { groupMessageId: stored.id } });
      } catch (error) {
        const field = error instanceof ApiError && error.field !== null ? sharedFieldOf(error.field) : null;
        if (field) go(stepOf(field));
        throw error;
      }
    },
  });
  useUnsaved(form.formState.isDirty && !form.formState.isSubmitting);
  const values = useWatch({ control: form.control }) as Values;
  const channelType = channels.find(({ id }) => id === values.channel_id)?.channel_type;

  const next = async () => {
    if (await form.trigger(FIELDS[step], { shouldFocus: true })) go(STEPS[at + 1] ?? "check");
  };
  const submit = (status: "draft" | "queued") => async (event: React.MouseEvent) => {
    event.preventDefault();
    becomes.current = status;
    // what is missing may stand on another step
    for (const one of STEPS) {
      if (await form.trigger(FIELDS[one])) continue;
      return go(one);
    }
    saving.onSubmit(event as never);
  };
  const label = values.when === "later" ? t("wizard.schedule") : t("wizard.send");
  return (
    <>
      <PageHeader
        back={{ to: "/group-messages", label: t("group_messages.title") }}
        title={message ? t("wizard.edit") : t("group_messages.add")}
      />
      <nav aria-label={t("wizard.steps")} className="mb-5">
        <ol className="flex gap-1 overflow-x-auto sm:gap-2">
          {STEPS.map((one, index) => (
            <li key={one} className="flex-1">
              <button
                type="button"
                aria-current={one === step ? "step" : undefined}
                onClick={() => go(one)}
                className={cx(
                  "flex w-full items-center gap-2 border-t-2 border-line pt-2 text-left whitespace-nowrap text-muted hover:text-ink",
                  index <= at && "border-brand",
                  one === step && "font-semibold text-ink",
                )}
              >
                <span className="text-xs tabular-nums max-sm:sr-only">{index + 1}</span>
                {t(`wizard.step.${one}`)}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <Form form={form} saving={saving}>
        {step === "audience" && (
          <Card title={t("wizard.audience_title")} text={t("wizard.audience_text")}>
            <FormField control={form.control} name="audience" label={t("wizard.step.audience")} group required>
              {(field) => <Audience value={field.value} onChange={field.onChange} />}
            </FormField>
          </Card>
        )}
        {step === "content" && (
          <FormField control={form.control} name="content" label={t("wizard.step.content")} group required>
            {(field) => <Content value={field.value} onChange={field.onChange} channelType={channelType} />}
          </FormField>
        )}
        {step === "sending" && <Sending form={form} values={values} />}
        {step === "check" && <Check values={values} />}
      </Form>
      <ActionBar>
        {at > 0 && (
          <Button icon={<ArrowLeft aria-hidden className="size-4" />} onClick={() => go(STEPS[at - 1] ?? "audience")}>
            <span className="max-sm:sr-only">{t("wizard.back")}</span>
          </Button>
        )}
        <span className="flex-1" />
        {/* a phone has no room for it, and the way back stands at the top */}
        <Button className="max-sm:hidden" onClick={() => void navigate({ to: "/group-messages" })}>
          {ui("cancel")}
        </Button>
        <Button onClick={(event) => void submit("draft")(event)} disabled={form.formState.isSubmitting}>
          {t("wizard.draft")}
        </Button>
        {step === "check" ? (
          <Button
            variant="primary"
            loading={form.formState.isSubmitting}
            onClick={(event) => void submit("queued")(event)}
          >
            {label}
          </Button>
        ) : (
          <Button variant="primary" onClick={() => void next()}>
            {t("wizard.next")}
            <ArrowRight aria-hidden className="size-4" />
          </Button>
        )}
      </ActionBar>
    </>
  );
}

/** Stores it, as a draft or to be sent. */
async function store(
  message: GroupMessage | null,
  template: Schemas["TemplateView"] | null,
  account_id: string,
  values: Values,
  status: "draft" | "queued",
  once: ReturnType<typeof useOnce>,
): Promise<GroupMessage> {
  const body = sent(values);
  const make = () => {
    const whole = { ...body, account_id, status };
    return once(whole, (sentOnce) => data(api.POST("/v1/group-messages", { body: whole, ...sentOnce })));
  };
  if (!message) return make();
  const { message_body, ...change } = body as typeof body & { message_body?: string };
  if (message_body !== undefined && message_body !== template?.body) {
    // a text is a template of its message alone: with another text it is another message
    const made = await make();
    // a draft that stays is seen in the list; failing for it would have the message sent again
    await done(api.DELETE("/v1/group-messages/{id}", { params: { path: { id: message.id } } })).catch(() => undefined);
    return made;
  }
  await groupMessages.change(message.id, change);
  return status === "queued" ? groupMessages.change(message.id, { status }) : groupMessages.one(message.id);
}
