import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useTemplates } from "@/api/lookups";
import { TextWithVariables, type Mistake } from "@/settings/common/text-with-variables";
import { Chips } from "@/templates/Chips";
import { MOST, usable, type Strategy } from "@/templates/data";
import { Preview } from "@/templates/Preview";
import { variablesOf } from "@/templates/variables";
import { Combobox, Field, Input, RadioGroup } from "@/ui";

/** What is sent: a template, or a text of its own, with the values that are the same for all. */
export interface ContentValue {
  source: "template" | "text";
  template_id: string;
  message_body: string;
  custom_values: Record<string, string>;
}

export const NOTHING: ContentValue = { source: "template", template_id: "", message_body: "", custom_values: {} };

export const isWritten = ({ source, template_id, message_body }: ContentValue) =>
  source === "template" ? template_id !== "" : message_body.trim() !== "";

/** The content as the hub takes it: exactly one of the two, and only the values that are filled in. */
export function sentContent({ source, template_id, message_body, custom_values }: ContentValue) {
  const filled = Object.entries(custom_values).filter(([, value]) => value.trim() !== "");
  return {
    ...(source === "template" ? { template_id } : { message_body: message_body.trim() }),
    custom_values: Object.fromEntries(filled),
  };
}

/** Values that the hub finds by itself; all others may be given for everybody. */
const OWN =
  /^(contact|account|sender|system)\.|^(FIRST_NAME|LAST_NAME|EMAIL|PHONE|ACCOUNT_NAME|SENDER_NAME|CURRENT_DATE)$/;

interface ContentProps {
  value: ContentValue;
  onChange: (value: ContentValue) => void;
  /** Only templates for it can be chosen. */
  channelType?: string | null | undefined;
  /** Whether a text of its own cannot be read as it stands. */
  onUnreadable?: (isUnreadable: boolean) => void;
}

export function Content({ value, onChange, channelType, onUnreadable }: ContentProps) {
  const { t } = useTranslation("sending");
  const templates = usable(useTemplates(), channelType);
  const [mistake, setMistake] = useState<Mistake | null>(null);
  const template = templates.find(({ id }) => id === value.template_id);
  const body = value.source === "template" ? (template?.body ?? "") : value.message_body;
  const strategy: Strategy = (value.source === "template" && template?.fallback_strategy) || "keep_placeholder";
  const given = variablesOf(body).filter((name) => !OWN.test(name));
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="flex min-w-0 flex-col gap-4 rounded-xl border border-line bg-section p-4 sm:p-5">
        <RadioGroup
          look="row"
          label={t("content.source")}
          value={value.source}
          onChange={(source) => onChange({ ...value, source })}
          options={[
            { value: "template", label: t("content.template") },
            { value: "text", label: t("content.text") },
          ]}
        />
        {value.source === "template" ? (
          <>
            <Field label={t("group_messages.template")}>
              <Combobox
                value={value.template_id}
                placeholder={t("content.choose")}
                onChange={(template_id) => onChange({ ...value, template_id })}
                options={templates.map(({ id, name, category, variables }) => ({
                  value: id,
                  label: name,
                  hint: [category, t("templates.variable_count", { count: variables.length })]
                    .filter(Boolean)
                    .join(" · "),
                }))}
              />
            </Field>
            {template && (
              <p className="rounded-xl bg-raised/60 p-3">
                <Chips text={template.body} />
              </p>
            )}
          </>
        ) : (
          <Field label={t("templates.body")} hint={t("templates.body_hint")}>
            <TextWithVariables
              value={value.message_body}
              onChange={(message_body) => onChange({ ...value, message_body })}
              most={MOST}
              mistake={mistake}
            />
          </Field>
        )}
        {given.length > 0 && (
          <fieldset className="flex flex-col gap-3 rounded-xl border border-line p-3">
            <legend className="px-1 font-medium">{t("content.values")}</legend>
            <p className="text-xs text-faint">{t("content.values_hint")}</p>
            {given.map((name) => (
              <Field key={name} label={name}>
                <Input
                  value={value.custom_values[name] ?? ""}
                  placeholder={String(template?.default_values[name] ?? "")}
                  onChange={(event) =>
                    onChange({ ...value, custom_values: { ...value.custom_values, [name]: event.target.value } })
                  }
                />
              </Field>
            ))}
          </fieldset>
        )}
      </div>
      <Preview
        body={body}
        strategy={strategy}
        defaults={(value.source === "template" ? (template?.default_values ?? {}) : {}) as Record<string, string>}
        custom={sentContent(value).custom_values}
        onMistake={(found) => {
          setMistake(found);
          onUnreadable?.(found !== null);
        }}
      />
    </div>
  );
}
