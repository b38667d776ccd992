import { useQuery } from "@tanstack/react-query";
import { useWatch, type Control } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { api, page } from "@/api/client";
import { useLabels, useTeams } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { CheckboxField, ChipsInput, FormField, RadioGroup, Select } from "@/ui";
import { TextWithVariables } from "../common/text-with-variables";
import { NO_TEAM, PRIORITIES, STATUSES, STRATEGIES, type RuleValues } from "./wire";

type Fields = { control: Control<RuleValues> };

/** All templates of the account, for choosing one. */
export function useTemplates() {
  const { account, can } = useAccount();
  const { account_id } = account;
  const found = useQuery({
    queryKey: ["templates", "all", account_id],
    queryFn: () => page(api.GET("/v1/templates", { params: { query: { account_id, limit: 1000 } } })),
    enabled: can("templates.view"),
  });
  return found.data?.data ?? [];
}

/** What a rule does, in the order in which it does it. */
export function ActionFields({ control }: Fields) {
  const { t } = useTranslation("settings");
  const labels = useLabels();
  return (
    <div className="flex flex-col gap-5">
      <Reply control={control} />
      <FormField control={control} name="set_labels" label={t("bot.labels")} hint={t("bot.labels_hint")}>
        {(field) => (
          <ChipsInput
            value={field.value}
            onChange={field.onChange}
            onBlur={field.onBlur}
            suggestions={labels.map((label) => label.name)}
          />
        )}
      </FormField>
      <div className="grid gap-4 sm:grid-cols-2">
        <FormField control={control} name="set_priority" label={t("bot.priority")}>
          {(field) => (
            <Select
              value={field.value}
              onChange={field.onChange}
              options={PRIORITIES.map((value) => ({ value, label: t(`bot.priorities.${value}`) }))}
            />
          )}
        </FormField>
        <FormField control={control} name="set_status" label={t("bot.status")}>
          {(field) => (
            <Select
              value={field.value}
              onChange={field.onChange}
              options={STATUSES.map((value) => ({ value, label: t(`bot.statuses.${value}`) }))}
            />
          )}
        </FormField>
      </div>
      <Routing control={control} />
    </div>
  );
}

function Reply({ control }: Fields) {
  const { t } = useTranslation("settings");
  const templates = useTemplates();
  const reply = useWatch({ control, name: "reply" });
  return (
    <>
      <FormField control={control} name="reply" label={t("bot.reply")} group>
        {(field) => (
          <RadioGroup
            label={t("bot.reply")}
            look="row"
            value={field.value}
            onChange={field.onChange}
            options={(["none", "text", "template"] as const).map((value) => ({
              value,
              label: t(`bot.replies.${value}`),
            }))}
          />
        )}
      </FormField>
      {reply === "text" && (
        <FormField control={control} name="reply_text" label={t("bot.reply_text")} required>
          {(field) => (
            <TextWithVariables
              value={field.value}
              onChange={field.onChange}
              onBlur={field.onBlur}
              most={10_000}
              rows={3}
            />
          )}
        </FormField>
      )}
      {reply === "template" && (
        <FormField control={control} name="reply_template_id" label={t("bot.template")} required>
          {(field) => (
            <Select
              value={field.value}
              onChange={field.onChange}
              onBlur={field.onBlur}
              placeholder={t("bot.choose_template")}
              options={templates.map((template) => ({ value: template.id, label: template.name }))}
            />
          )}
        </FormField>
      )}
    </>
  );
}

function Routing({ control }: Fields) {
  const { t } = useTranslation("settings");
  const teams = useTeams();
  const routes = useWatch({ control, name: "routes" });
  return (
    <>
      <FormField control={control} name="routes" label={t("bot.routing")} group>
        {(field) => (
          <RadioGroup
            label={t("bot.routing")}
            value={field.value ? "people" : "bot"}
            onChange={(value) => field.onChange(value === "people")}
            options={[
              { value: "bot", label: t("bot.stays"), hint: t("bot.stays_hint") },
              { value: "people", label: t("bot.to_people"), hint: t("bot.to_people_hint") },
            ]}
          />
        )}
      </FormField>
      {routes && (
        <div className="flex flex-col gap-4 rounded-lg border border-line bg-raised/40 p-3">
          <div className="grid gap-4 sm:grid-cols-2">
            <FormField control={control} name="assign_team_id" label={t("bot.team")}>
              {(field) => (
                <Select
                  value={field.value}
                  onChange={field.onChange}
                  options={[
                    { value: NO_TEAM, label: t("bot.no_team") },
                    ...teams.map((team) => ({ value: team.id, label: team.name })),
                  ]}
                />
              )}
            </FormField>
            <FormField control={control} name="assign_strategy" label={t("bot.strategy")}>
              {(field) => (
                <Select
                  value={field.value}
                  onChange={field.onChange}
                  options={STRATEGIES.map((value) => ({ value, label: t(`bot.strategies.${value}`) }))}
                />
              )}
            </FormField>
          </div>
          <CheckboxField control={control} name="hand_off" label={t("bot.hand_off")} hint={t("bot.hand_off_hint")} />
        </div>
      )}
    </>
  );
}
