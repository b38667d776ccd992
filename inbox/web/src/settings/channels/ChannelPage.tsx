import { useNavigate, useParams } from "@tanstack/react-router";
import { ExternalLink, Trash2 } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done } from "@/api/client";
import {
  Button,
  EmptyState,
  Form,
  FormActions,
  settle,
  Skeleton,
  useConfirm,
  useReadOnly,
  useSave,
  useUnsaved,
} from "@/ui";
import { ChannelIcon } from "@/inbox/channel";
import { useChanged } from "../common/hooks";
import { Loaded } from "../common/loaded";
import { ActionBar, PageHeader } from "../common/page";
import { ChannelFields } from "./ChannelFields";
import { Connection } from "./Connection";
import { useProfiles, type Channel, type Profile } from "./data";
import { changeOf, channelValues, useChannelForm } from "./form";
import type { Values } from "./schema";
import { StatusBadge } from "./status";

export function ChannelPage() {
  const { t } = useTranslation("settings");
  const { channelId } = useParams({ strict: false }) as { channelId: string };
  const profiles = useProfiles();
  return (
    <Loaded
      of={["channels", "one", channelId]}
      read={() => data(api.GET("/v1/channels/{id}", { params: { path: { id: channelId } } }))}
    >
      {(channel) => {
        const profile = profiles.data?.find(
          (one) => one.channel_type === channel.channel_type && one.provider === channel.provider,
        );
        if (!profiles.data) return <Skeleton className="h-64 rounded-xl" />;
        if (!profile) return <EmptyState title={t("channels.no_provider")} text={t("channels.no_provider_text")} />;
        return <ChannelEditor key={channel.id} channel={channel} profile={profile} />;
      }}
    </Loaded>
  );
}

function ChannelEditor({ channel, profile }: { channel: Channel; profile: Profile }) {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  const changed = useChanged();
  const { form, model } = useChannelForm(profile, channel);
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = changeOf(channel, model, values);
      const saved = await data(api.PATCH("/v1/channels/{id}", { params: { path: { id: channel.id } }, body }));
      kept(channelValues(model, saved));
      await changed(["channels"]);
    },
  });
  const { isDirty } = form.formState;
  // a verification may have stored what it found out
  useEffect(() => {
    settle(form, channelValues(model, channel), form.formState.defaultValues);
  }, [channel.updated_at]); // eslint-disable-line react-hooks/exhaustive-deps
  useUnsaved(isDirty);
  return (
    <>
      <PageHeader
        back={{ to: "/settings/channels", label: t("sections.channels") }}
        title={
          <span className="flex items-center gap-3">
            <ChannelIcon type={channel.channel_type} className="size-8 ring-0" />
            {channel.name}
          </span>
        }
        text={`${t(`channel_types.${channel.channel_type}`)} · ${profile.display_name}`}
        badge={<StatusBadge status={channel.status} />}
        actions={
          <>
            {channel.provider === "sandbox" && (
              <Button asChild>
                <a href={`/sandbox#${channel.id}`} target="_blank" rel="noreferrer">
                  <ExternalLink aria-hidden className="size-4" />
                  {t("channels.open_phone")}
                </a>
              </Button>
            )}
            {!readOnly && <DeleteButton channel={channel} />}
          </>
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <Form form={form} saving={saving} className="order-2 flex flex-col gap-4 xl:order-1">
          <ChannelFields
            control={form.control}
            profile={profile}
            model={model}
            stored={{ credentials: channel.credentials as Values, settings: channel.settings as Values }}
            isNew={false}
          />
          <ActionBar>
            <FormActions form={form} onCancel={() => form.reset()} />
          </ActionBar>
        </Form>
        <div className="order-1 flex flex-col gap-4 xl:order-2">
          <Connection channel={channel} profile={profile} />
        </div>
      </div>
    </>
  );
}

export function DeleteButton({ channel, back = "/settings/channels" }: { channel: Channel; back?: string }) {
  const { t } = useTranslation("settings");
  const confirm = useConfirm();
  const changed = useChanged();
  const navigate = useNavigate();
  const ask = async () => {
    const gone = await confirm({
      title: t("channels.delete_title", { name: channel.name }),
      text: t("channels.delete_text"),
      confirm: t("delete"),
      danger: true,
      action: () => done(api.DELETE("/v1/channels/{id}", { params: { path: { id: channel.id } } })),
    });
    if (!gone) return;
    await navigate({ to: back as "/settings" });
    await changed(["channels"], t("deleted"));
  };
  return (
    <Button icon={<Trash2 aria-hidden className="size-4" />} onClick={() => void ask()}>
      {t("delete")}
    </Button>
  );
}
