import { ChevronRight } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useFormState, type Control } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Banner, TextField } from "@/ui";
import { Card } from "../common/page";
import type { FormModel, Profile } from "./data";
import type { ChannelValues } from "./form";
import { said, type FieldModel, type Values } from "./schema";
import { SchemaFields } from "./SchemaFields";

const COMMON = [
  "sender_name",
  "default_country_code",
  "rate_limit",
  "priority",
  "retry_count",
  "retry_interval",
  "silence_hours",
] as const;

interface ChannelFieldsProps {
  control: Control<ChannelValues>;
  profile: Profile;
  model: FormModel;
  stored: { credentials: Values; settings: Values };
  isNew: boolean;
}

/** The form of a channel: its name, what the provider wants, and what every channel has. */
export function ChannelFields({ control, profile, model, stored, isNew }: ChannelFieldsProps) {
  const { t } = useTranslation("settings");
  const { errors } = useFormState({ control });
  const isIn = (error: object | undefined, fields: FieldModel[]) =>
    Object.keys(error ?? {}).some((name) => fields.some((field) => field.name === name));
  const hasRare = model.rareCredentials.length + model.rareSettings.length > 0;
  return (
    <>
      <Card title={isNew ? t("channels.connection") : undefined}>
        <div className="flex flex-col gap-4">
          <Banner tone="blue">{said(profile.help)}</Banner>
          <TextField
            control={control}
            name="name"
            label={t("channels.name")}
            hint={t("channels.name_hint")}
            required
            autoFocus={isNew}
          />
          {model.credentials.length > 0 && (
            <Fields title={t("channels.credentials")}>
              <SchemaFields
                control={control}
                path="credentials"
                fields={model.credentials}
                stored={stored.credentials}
              />
            </Fields>
          )}
          {model.settings.length > 0 && (
            <Fields title={t("channels.settings")}>
              <SchemaFields control={control} path="settings" fields={model.settings} stored={stored.settings} />
            </Fields>
          )}
        </div>
      </Card>
      <Folded
        title={t("channels.sending")}
        text={t("channels.sending_text")}
        invalid={COMMON.some((name) => errors[name])}
      >
        <div className="grid gap-x-5 gap-y-4 sm:grid-cols-2">
          <TextField
            control={control}
            name="sender_name"
            label={t("channels.sender_name")}
            hint={t("channels.sender_name_hint")}
          />
          {profile.identifier === "phone" && (
            <TextField
              control={control}
              name="default_country_code"
              label={t("channels.country_code")}
              hint={t("channels.country_code_hint")}
              placeholder="+251"
            />
          )}
          <TextField
            control={control}
            name="rate_limit"
            label={t("channels.rate_limit")}
            hint={t("channels.rate_limit_hint")}
            placeholder={
              profile.default_rate_per_minute ? String(profile.default_rate_per_minute) : t("channels.unlimited")
            }
            type="number"
          />
          <TextField
            control={control}
            name="priority"
            label={t("channels.priority")}
            hint={t("channels.priority_hint")}
            type="number"
          />
          <TextField
            control={control}
            name="retry_count"
            label={t("channels.retry_count")}
            hint={t("channels.retry_count_hint")}
            placeholder={t("channels.automatic")}
            type="number"
          />
          <TextField
            control={control}
            name="retry_interval"
            label={t("channels.retry_interval")}
            hint={t("channels.retry_interval_hint")}
            placeholder={t("channels.automatic")}
            type="number"
          />
          <TextField
            control={control}
            name="silence_hours"
            label={t("channels.silence_hours")}
            hint={t("channels.silence_hours_hint")}
            placeholder={t("channels.automatic")}
            type="number"
          />
        </div>
      </Folded>
      {hasRare && (
        <Folded
          title={profile.provider === "sandbox" ? t("channels.behaviour") : t("channels.rare")}
          text={profile.provider === "sandbox" ? t("channels.behaviour_text") : t("channels.rare_text")}
          invalid={isIn(errors.credentials, model.rareCredentials) || isIn(errors.settings, model.rareSettings)}
        >
          <div className="flex flex-col gap-4">
            <SchemaFields
              control={control}
              path="credentials"
              fields={model.rareCredentials}
              stored={stored.credentials}
            />
            <SchemaFields control={control} path="settings" fields={model.rareSettings} stored={stored.settings} />
          </div>
        </Folded>
      )}
    </>
  );
}

function Fields({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="min-w-0">
      <legend className="mb-3 text-xs font-semibold text-faint">{title}</legend>
      {children}
    </fieldset>
  );
}

interface FoldedProps {
  title: string;
  text: string;
  /** Something in it was refused: it opens, so that this is seen. */
  invalid?: boolean;
  children: ReactNode;
}

/** Opened by those who need it. */
export function Folded({ title, text, invalid = false, children }: FoldedProps) {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (invalid) setOpen(true);
  }, [invalid]);
  return (
    <details
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="group rounded-xl border border-line bg-section"
    >
      <summary className="flex cursor-pointer list-none items-center gap-2 rounded-xl p-4 sm:px-5 [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-4 shrink-0 text-faint transition-transform group-open:rotate-90" />
        <span>
          <span className="block font-semibold">{title}</span>
          <span className="block text-xs text-faint">{text}</span>
        </span>
      </summary>
      <div className="px-4 pb-5 sm:px-5">{children}</div>
    </details>
  );
}
