import { zodResolver } from "@hookform/resolvers/zod";
import { useNavigate, useParams } from "@tanstack/react-router";
import { KeyRound } from "lucide-react";
import { useMemo } from "react";
import { FormProvider, useForm, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useAccount } from "@/app/account";
import {
  Button,
  CheckboxField,
  ChipsInput,
  ColorInput,
  CopyButton,
  EmptyState,
  Form,
  FormActions,
  FormField,
  RadioGroup,
  SecretInput,
  Skeleton,
  Switch,
  TextareaField,
  TextField,
  useReadOnly,
  useSave,
  useUnsaved,
} from "@/ui";
import { DeleteButton } from "../channels/ChannelPage";
import { useProfiles, type Channel, type Profile } from "../channels/data";
import type { Values } from "../channels/schema";
import { SchemaFields } from "../channels/SchemaFields";
import { StatusBadge } from "../channels/status";
import { useSwitch } from "../channels/useSwitch";
import { useChanged } from "../common/hooks";
import { Loaded } from "../common/loaded";
import { ActionBar, Card, PageHeader } from "../common/page";
import { Silent } from "../channels/Silent";
import {
  chatChangeOf,
  chatModelOf,
  chatSchema,
  chatValuesOf,
  fieldOf,
  isOrigin,
  newChatOf,
  originOf,
  secretOf,
  type ChatValues,
} from "./model";
import { Preview } from "./Preview";
import { Questions } from "./Questions";
import { Snippet } from "./Snippet";

const LIST = "/settings/webchat";

export function NewWebchatPage() {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  const profile = useWebchatProfile();
  if (readOnly) return <EmptyState title={t("no_access")} text={t("no_access_text")} />;
  return profile ? <WebchatEditor channel={null} profile={profile} /> : <Skeleton className="h-64 rounded-xl" />;
}

export function WebchatPage() {
  const { channelId } = useParams({ strict: false }) as { channelId: string };
  const profile = useWebchatProfile();
  return (
    <Loaded
      of={["channels", "one", channelId]}
      read={() => data(api.GET("/v1/channels/{id}", { params: { path: { id: channelId } } }))}
    >
      {(channel) =>
        profile ? (
          <WebchatEditor key={channel.id} channel={channel} profile={profile} />
        ) : (
          <Skeleton className="h-64 rounded-xl" />
        )
      }
    </Loaded>
  );
}

const useWebchatProfile = () => useProfiles().data?.find((profile) => profile.channel_type === "webchat");

function WebchatEditor({ channel, profile }: { channel: Channel | null; profile: Profile }) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const readOnly = useReadOnly();
  const navigate = useNavigate();
  const changed = useChanged();
  const enable = useSwitch();
  const model = useMemo(() => chatModelOf(profile), [profile]);
  const schema = useMemo(() => chatSchema(model, t), [model, t]);
  const form = useForm<ChatValues, unknown, ChatValues>({
    resolver: zodResolver(schema) as never,
    defaultValues: chatValuesOf(model, channel),
  });
  const { control } = form;
  const saving = useSave({
    form,
    fieldOf: (field) => fieldOf(model, field),
    save: async (values, kept) => {
      if (channel) {
        const body = chatChangeOf(model, channel, values);
        const saved = await data(api.PATCH("/v1/channels/{id}", { params: { path: { id: channel.id } }, body }));
        kept(chatValuesOf(model, saved));
        return changed(["channels"]);
      }
      const body = { ...newChatOf(model, values), account_id: account.account_id };
      const made = await data(api.POST("/v1/channels", { body }));
      kept();
      await changed(["channels"], t("channels.added", { name: made.name }));
      await navigate({ to: "/settings/webchat/$channelId", params: { channelId: made.id } });
    },
  });
  useUnsaved(form.formState.isDirty && !form.formState.isSubmitting);
  return (
    <>
      <PageHeader
        back={{ to: LIST, label: t("sections.webchat") }}
        title={channel ? channel.name : t("webchat.add")}
        text={t("webchat.editor_text")}
        badge={channel && <StatusBadge status={channel.status} />}
        actions={
          channel && (
            <>
              <Switch
                label={t("channels.is_enabled")}
                checked={channel.is_enabled}
                onChange={(next) => void enable(channel, next)}
              />
              {!readOnly && <DeleteButton channel={channel} back={LIST} />}
            </>
          )
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-[minmax(0,1fr)_21rem]">
        <div className="flex min-w-0 flex-col gap-4">
          {channel && <Silent channel={channel} />}
          {channel && <Snippet channel={channel} />}
          <FormProvider {...form}>
            <Form form={form} saving={saving} className="flex flex-col gap-4">
              <Card title={t("webchat.look")}>
                <div className="grid gap-x-5 gap-y-4 sm:grid-cols-2">
                  <TextField
                    control={control}
                    name="name"
                    label={t("webchat.name")}
                    hint={t("webchat.name_hint")}
                    required
                    autoFocus={!channel}
                  />
                  <TextField
                    control={control}
                    name="launcher_text"
                    label={t("webchat.launcher_text")}
                    hint={t("webchat.launcher_hint")}
                  />
                  <FormField control={control} name="color" label={t("fields.color")} required>
                    {(field) => (
                      <ColorInput
                        value={field.value}
                        onChange={field.onChange}
                        onBlur={field.onBlur}
                        label={t("pick_color")}
                      />
                    )}
                  </FormField>
                  <FormField control={control} name="position" label={t("webchat.position")} group>
                    {(field) => (
                      <RadioGroup
                        label={t("webchat.position")}
                        look="row"
                        value={field.value}
                        onChange={field.onChange}
                        options={(["bottom-right", "bottom-left"] as const).map((value) => ({
                          value,
                          label: t(`webchat.positions.${value}`),
                        }))}
                      />
                    )}
                  </FormField>
                </div>
                {model.moreLook.length > 0 && (
                  <div className="mt-4">
                    <SchemaFields control={control} path="moreLook" fields={model.moreLook} stored={{}} />
                  </div>
                )}
              </Card>
              <Card title={t("webchat.texts")}>
                <div className="flex flex-col gap-4">
                  <TextareaField control={control} name="welcome_message" label={t("webchat.welcome")} rows={2} />
                  <TextareaField
                    control={control}
                    name="offline_message"
                    label={t("webchat.offline")}
                    hint={t("webchat.offline_hint")}
                    rows={2}
                  />
                  {model.more.length > 0 && (
                    <SchemaFields
                      control={control}
                      path="more"
                      fields={model.more}
                      stored={(channel?.settings ?? {}) as Values}
                    />
                  )}
                </div>
              </Card>
              <Card title={t("webchat.before")} text={t("webchat.before_text")}>
                <div className="flex flex-col gap-4">
                  <CheckboxField control={control} name="asks" label={t("webchat.asks")} />
                  <Questions types={model.types} />
                </div>
              </Card>
              <Card title={t("webchat.alarm")} text={t("webchat.alarm_text")}>
                <TextField
                  control={control}
                  name="silence_hours"
                  label={t("channels.silence_hours")}
                  hint={t("channels.silence_hours_hint")}
                  placeholder={t("channels.automatic")}
                  type="number"
                />
              </Card>
              <Card title={t("webchat.safety")} text={t("webchat.safety_text")}>
                <Safety form={form} channel={channel} />
              </Card>
              <ActionBar>
                <FormActions
                  form={form}
                  always={!channel}
                  {...(!channel && { label: t("webchat.create") })}
                  onCancel={() => (channel ? form.reset() : void navigate({ to: LIST }))}
                />
              </ActionBar>
            </Form>
          </FormProvider>
        </div>
        <div className="xl:sticky xl:top-0">
          <Preview control={control} />
        </div>
      </div>
    </>
  );
}

function Safety({
  form,
  channel,
}: {
  form: ReturnType<typeof useForm<ChatValues, unknown, ChatValues>>;
  channel: Channel | null;
}) {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  const { control, setValue } = form;
  const secret = useWatch({ control, name: "identity_secret" });
  const make = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    setValue("identity_secret", hex, { shouldDirty: true, shouldValidate: true });
  };
  return (
    <div className="flex flex-col gap-5">
      <FormField control={control} name="allowed_origins" label={t("webchat.origins")} hint={t("webchat.origins_hint")}>
        {(field) => (
          <ChipsInput
            value={field.value}
            onChange={field.onChange}
            onBlur={field.onBlur}
            placeholder="https://shop.example"
            normalize={originOf}
            invalid={field.value.flatMap((origin, index) => (isOrigin(origin) ? [] : [index]))}
          />
        )}
      </FormField>
      <FormField control={control} name="identity_secret" label={t("webchat.secret")} hint={t("webchat.secret_hint")}>
        {(field) => (
          <SecretInput
            stored={secretOf(channel)}
            value={field.value}
            onChange={field.onChange}
            onBlur={field.onBlur}
            removable
          />
        )}
      </FormField>
      {!readOnly && (
        <div className="flex flex-wrap gap-2">
          <Button size="sm" icon={<KeyRound aria-hidden className="size-4" />} onClick={make}>
            {t("webchat.make_secret")}
          </Button>
          {secret && <CopyButton text={secret}>{t("webchat.copy_secret")}</CopyButton>}
        </div>
      )}
    </div>
  );
}
