import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useAccount } from "@/app/account";
import { ChannelIcon } from "@/inbox/channel";
import { EmptyState, Form, FormActions, Skeleton, useReadOnly, useSave, useToast, useUnsaved } from "@/ui";
import { CHANNEL_TYPES } from "../common/channels";
import { useChanged } from "../common/hooks";
import { ActionBar, PageHeader } from "../common/page";
import { ChannelFields } from "./ChannelFields";
import { useProfiles, type Profile } from "./data";
import { newChannelOf, useChannelForm } from "./form";

/** First the kind and the provider, then what the provider wants. The choice is in the address. */
export function NewChannelPage() {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  const search = useSearch({ strict: false }) as { provider?: string };
  const profiles = useProfiles();
  const chosen = profiles.data?.find((profile) => keyOf(profile) === search.provider);
  if (readOnly) return <EmptyState title={t("no_access")} text={t("no_access_text")} />;
  return (
    <>
      <PageHeader
        back={
          chosen
            ? { to: "/settings/channels/new", label: t("channels.choose_other") }
            : { to: "/settings/channels", label: t("sections.channels") }
        }
        title={
          chosen
            ? t("channels.add_of", { provider: titleOf(chosen, t(`channel_types.${chosen.channel_type}`)) })
            : t("channels.add")
        }
        text={chosen ? undefined : t("channels.pick_text")}
      />
      {!profiles.data && <Skeleton className="h-64 rounded-xl" />}
      {profiles.data && !chosen && <Picker profiles={profiles.data} />}
      {chosen && <NewChannelForm key={keyOf(chosen)} profile={chosen} />}
    </>
  );
}

const keyOf = (profile: Profile) => `${profile.channel_type}/${profile.provider}`;

const titleOf = (profile: Profile, type: string) =>
  profile.display_name === type ? type : `${profile.display_name} (${type})`;

function Picker({ profiles }: { profiles: Profile[] }) {
  const { t } = useTranslation("settings");
  // a web chat is the hub's own: there is nothing to pretend
  const real = profiles.filter(({ channel_type, provider }) => channel_type !== "webchat" || provider !== "sandbox");
  const inOrder = real.sort((a, b) => CHANNEL_TYPES.indexOf(a.channel_type) - CHANNEL_TYPES.indexOf(b.channel_type));
  const groups = [
    { name: "real", profiles: inOrder.filter((profile) => profile.provider !== "sandbox") },
    { name: "sandbox", profiles: inOrder.filter((profile) => profile.provider === "sandbox") },
  ];
  return (
    <div className="flex flex-col gap-6">
      {groups.map(
        (group) =>
          group.profiles.length > 0 && (
            <section key={group.name} aria-labelledby={`pick-${group.name}`}>
              <h3 id={`pick-${group.name}`} className="text-base font-semibold">
                {t(`channels.pick.${group.name}`)}
              </h3>
              <p className="mb-3 text-muted">{t(`channels.pick.${group.name}_text`)}</p>
              <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))] gap-3">
                {group.profiles.map((profile) => (
                  <li key={keyOf(profile)}>
                    <ProviderCard
                      profile={profile}
                      isOnly={group.profiles.every((one) => one === profile || one.channel_type !== profile.channel_type)}
                    />
                  </li>
                ))}
              </ul>
            </section>
          ),
      )}
    </div>
  );
}

/** The only provider of its type goes by the type's name, which every language has. */
function ProviderCard({ profile, isOnly }: { profile: Profile; isOnly: boolean }) {
  const { t } = useTranslation("settings");
  const navigate = useNavigate();
  const type = t(`channel_types.${profile.channel_type}`);
  const choose = () =>
    void (profile.channel_type === "webchat"
      ? navigate({ to: "/settings/webchat/new" })
      : navigate({ to: "/settings/channels/new", search: { provider: keyOf(profile) } as never }));
  return (
    <button
      type="button"
      onClick={choose}
      className="flex h-full w-full items-start gap-3 rounded-xl border border-line bg-section p-4 text-left transition-colors hover:border-field hover:bg-hover"
    >
      <span aria-hidden>
        <ChannelIcon type={profile.channel_type} className="size-9 ring-0" />
      </span>
      <span className="min-w-0">
        <span className="block font-semibold">{profile.provider === "sandbox" || isOnly ? type : profile.display_name}</span>
        <span className="block text-xs text-muted">
          {profile.provider === "sandbox" ? t("channels.pick.pretend") : t(`channel_abouts.${profile.channel_type}`)}
        </span>
      </span>
    </button>
  );
}

function NewChannelForm({ profile }: { profile: Profile }) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const navigate = useNavigate();
  const changed = useChanged();
  const toast = useToast();
  const { form, model } = useChannelForm(profile, null);
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = { ...newChannelOf(profile, model, values), account_id: account.account_id };
      const made = await data(api.POST("/v1/channels", { body }));
      kept();
      await changed(["channels"], t("channels.added", { name: made.name }));
      // stored, but the provider did not take the credentials
      if (made.status === "error") toast.error(t("channels.not_connected"), { text: made.error_message });
      await navigate({ to: "/settings/channels/$channelId", params: { channelId: made.id } });
    },
  });
  useUnsaved(form.formState.isDirty && !form.formState.isSubmitting);
  return (
    <Form form={form} saving={saving} className="flex max-w-3xl flex-col gap-4">
      <ChannelFields
        control={form.control}
        profile={profile}
        model={model}
        stored={{ credentials: {}, settings: {} }}
        isNew
      />
      <ActionBar>
        <FormActions
          form={form}
          always
          label={t("channels.add")}
          onCancel={() => void navigate({ to: "/settings/channels" })}
        />
      </ActionBar>
    </Form>
  );
}
