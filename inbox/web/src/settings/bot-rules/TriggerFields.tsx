import { CalendarClock, KeyRound, MessageSquarePlus, RadioTower, Undo2 } from "lucide-react";
import { useWatch, type Control } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { CheckboxField, ChipsInput, FormField, Input, RadioGroup } from "@/ui";
import { DayToggles } from "../availability/HoursEditor";
import { isOvernight } from "../availability/hours";
import { ChannelTypes } from "../common/channels";
import { TimezoneSelect } from "../common/timezone";
import { TRIGGERS, type RuleValues } from "./wire";

type Fields = { control: Control<RuleValues> };

export const triggerIcons = {
  keyword: KeyRound,
  time_based: CalendarClock,
  channel: RadioTower,
  new_conversation: MessageSquarePlus,
  fallback: Undo2,
};

/** When a rule holds. */
export function TriggerFields({ control }: Fields) {
  const { t } = useTranslation("settings");
  const trigger = useWatch({ control, name: "trigger_type" });
  return (
    <div className="flex flex-col gap-5">
      <FormField control={control} name="trigger_type" label={t("bot.trigger")} group>
        {(field) => (
          <RadioGroup
            label={t("bot.trigger")}
            look="cards"
            value={field.value}
            onChange={field.onChange}
            options={TRIGGERS.map((value) => {
              const Icon = triggerIcons[value];
              return {
                value,
                label: t(`bot.triggers.${value}`),
                hint: t(`bot.trigger_hints.${value}`),
                icon: <Icon aria-hidden />,
              };
            })}
          />
        )}
      </FormField>
      {trigger === "keyword" && <Keywords control={control} />}
      {trigger === "time_based" && <Times control={control} />}
      {trigger === "new_conversation" && (
        <CheckboxField
          control={control}
          name="only_first_message"
          label={t("bot.only_first")}
          hint={t("bot.only_first_hint")}
        />
      )}
      <details className="group rounded-lg border border-line p-3" open={trigger === "channel" || undefined}>
        <summary className="cursor-pointer rounded font-medium">{t("bot.filters")}</summary>
        <p className="mt-1 text-xs text-faint">{t("bot.filters_text")}</p>
        <div className="mt-4 flex flex-col gap-5">
          <FormField control={control} name="channels" label={t("bot.channels")} hint={t("bot.channels_hint")} group>
            {(field) => <ChannelTypes value={field.value} onChange={field.onChange} />}
          </FormField>
          <FormField control={control} name="exclude_channels" label={t("bot.exclude_channels")} group>
            {(field) => <ChannelTypes value={field.value} onChange={field.onChange} />}
          </FormField>
          <FormField control={control} name="language" label={t("bot.language")} hint={t("bot.language_hint")}>
            {(field) => (
              <ChipsInput
                value={field.value}
                onChange={field.onChange}
                onBlur={field.onBlur}
                placeholder="am"
                normalize={(code) => code.toLowerCase()}
              />
            )}
          </FormField>
        </div>
      </details>
    </div>
  );
}

function Keywords({ control }: Fields) {
  const { t } = useTranslation("settings");
  return (
    <>
      <FormField control={control} name="keywords" label={t("bot.keywords")} hint={t("bot.keywords_hint")} required>
        {(field) => (
          <ChipsInput
            value={field.value}
            onChange={field.onChange}
            onBlur={field.onBlur}
            placeholder={t("bot.keywords_placeholder")}
          />
        )}
      </FormField>
      <FormField control={control} name="match_mode" label={t("bot.match_mode")} group>
        {(field) => (
          <RadioGroup
            label={t("bot.match_mode")}
            look="row"
            value={field.value}
            onChange={field.onChange}
            options={[
              { value: "any", label: t("bot.match_any") },
              { value: "all", label: t("bot.match_all") },
            ]}
          />
        )}
      </FormField>
      <div className="flex flex-wrap gap-x-8 gap-y-3">
        <CheckboxField
          control={control}
          name="whole_word"
          label={t("bot.whole_word")}
          hint={t("bot.whole_word_hint")}
        />
        <CheckboxField
          control={control}
          name="case_sensitive"
          label={t("bot.case_sensitive")}
          hint={t("bot.case_sensitive_hint")}
        />
      </div>
    </>
  );
}

function Times({ control }: Fields) {
  const { t } = useTranslation("settings");
  const [hasTime, start, end] = useWatch({ control, name: ["has_time", "start", "end"] });
  return (
    <>
      <FormField control={control} name="has_time" label={t("bot.hours")} group>
        {(field) => (
          <RadioGroup
            label={t("bot.hours")}
            look="row"
            value={field.value ? "range" : "day"}
            onChange={(value) => field.onChange(value === "range")}
            options={[
              { value: "range", label: t("bot.between") },
              { value: "day", label: t("bot.whole_day") },
            ]}
          />
        )}
      </FormField>
      <div className="flex flex-wrap items-start gap-4">
        {hasTime && (
          <>
            <FormField control={control} name="start" label={t("hours.start")} className="w-32" required>
              {(field) => <Input {...field} type="time" />}
            </FormField>
            <FormField
              control={control}
              name="end"
              label={t("hours.end")}
              className="w-32"
              required
              hint={isOvernight({ days: [], start, end }) ? t("hours.next_day") : undefined}
            >
              {(field) => <Input {...field} type="time" />}
            </FormField>
          </>
        )}
        <FormField control={control} name="timezone" label={t("fields.timezone")} className="min-w-56 flex-1" required>
          {(field) => <TimezoneSelect value={field.value} onChange={field.onChange} />}
        </FormField>
      </div>
      <FormField control={control} name="days" label={t("hours.days")} hint={t("bot.days_hint")} group>
        {(field) => <DayToggles label={t("hours.days")} value={field.value} onChange={field.onChange} />}
      </FormField>
    </>
  );
}
