import { useTranslation } from "react-i18next";

import { useLabels } from "@/api/lookups";
import { CheckboxField, ChipsInput, Form, FormActions, FormField, TextField, useSave, useUnsaved } from "@/ui";
import { ChannelTypes } from "../common/channels";
import { ActionBar, Card } from "../common/page";
import { changeOf, fieldOf, usePreferencesForm, type Stored } from "./form";
import { HoursEditor } from "./HoursEditor";

interface PreferencesFormProps {
  stored: Stored | null;
  save: (change: ReturnType<typeof changeOf>) => Promise<void>;
  /** How one is told of work is everyone's own affair. */
  own: boolean;
}

/** What routing may give somebody: how much, when, and of what. */
export function PreferencesForm({ stored, save, own }: PreferencesFormProps) {
  const { t } = useTranslation("settings");
  const labels = useLabels();
  const form = usePreferencesForm(stored);
  const { control } = form;
  const saving = useSave({
    form,
    fieldOf,
    save: async (values, kept) => {
      await save(changeOf(values));
      kept();
    },
  });
  useUnsaved(form.formState.isDirty);
  return (
    <Form form={form} saving={saving} className="flex flex-col gap-4">
      <Card title={t("availability.capacity")} text={t("availability.capacity_text")}>
        <TextField
          control={control}
          name="max_concurrent_conversations"
          label={t("availability.most")}
          hint={t("availability.most_hint")}
          type="number"
          required
          className="max-w-48"
        />
      </Card>
      <Card title={t("hours.title")} text={t("hours.text")}>
        <HoursEditor control={control} />
      </Card>
      <Card title={t("availability.skills")} text={t("availability.skills_text")}>
        <div className="flex flex-col gap-5">
          <FormField
            control={control}
            name="languages"
            label={t("availability.languages")}
            hint={t("availability.languages_hint")}
          >
            {(field) => (
              <ChipsInput
                value={field.value}
                onChange={field.onChange}
                onBlur={field.onBlur}
                placeholder="en, am"
                suggestions={["am", "ar", "en", "fr", "om", "so", "sw", "ti"]}
                normalize={(word) => word.toLowerCase()}
              />
            )}
          </FormField>
          <FormField
            control={control}
            name="available_topics"
            label={t("availability.topics")}
            hint={t("availability.topics_hint")}
          >
            {(field) => (
              <ChipsInput
                value={field.value}
                onChange={field.onChange}
                onBlur={field.onBlur}
                placeholder={t("availability.topics_placeholder")}
                suggestions={labels.map((label) => label.name)}
              />
            )}
          </FormField>
          <FormField
            control={control}
            name="available_channels"
            label={t("availability.channels")}
            hint={t("availability.channels_hint")}
            group
          >
            {(field) => <ChannelTypes value={field.value} onChange={field.onChange} />}
          </FormField>
        </div>
      </Card>
      {own && (
        <Card title={t("availability.notifications")} text={t("availability.notifications_text")}>
          <div className="flex flex-col gap-3">
            {(["sound", "desktop", "email_on_assignment"] as const).map((name) => (
              <CheckboxField
                key={name}
                control={control}
                name={`notifications.${name}`}
                label={t(`availability.${name}`)}
              />
            ))}
          </div>
        </Card>
      )}
      <ActionBar>
        <FormActions form={form} onCancel={() => form.reset()} />
      </ActionBar>
    </Form>
  );
}
