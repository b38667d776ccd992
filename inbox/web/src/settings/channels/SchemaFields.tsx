import type { Control, FieldPath, FieldValues } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { CheckboxField, ChipsInput, Field, FormField, Input, SecretInput, Select, Textarea, TextField } from "@/ui";
import { labelOf, said, type FieldModel, type Values } from "./schema";

interface SchemaFieldsProps<T extends FieldValues> {
  control: Control<T>;
  /** Where the values are in the form: `credentials`. */
  path: string;
  fields: FieldModel[];
  /** What the hub shows of what is stored; secrets are masked. */
  stored: Values;
}

/** A control for each field of a provider's schema. */
export function SchemaFields<T extends FieldValues>({ control, path, fields, stored }: SchemaFieldsProps<T>) {
  return (
    <div className="grid gap-x-5 gap-y-4 sm:grid-cols-2">
      {fields.map((field) => (
        <SchemaField
          key={field.name}
          control={control}
          name={`${path}.${field.name}` as FieldPath<T>}
          field={field}
          stored={stored[field.name]}
        />
      ))}
    </div>
  );
}

interface SchemaFieldProps<T extends FieldValues> {
  control: Control<T>;
  name: FieldPath<T>;
  field: FieldModel;
  stored: unknown;
}

function SchemaField<T extends FieldValues>({ control, name, field, stored }: SchemaFieldProps<T>) {
  const { t } = useTranslation("settings");
  const label = labelOf(field.name, t);
  // templates are told about as they are written: {{to}} is no place to fill
  const hint = t(`field_hints.${field.name}`, { defaultValue: said(field.description), skipInterpolation: true });
  const about = { control, name, label, hint, required: field.required };
  if (field.readOnly) {
    return stored === undefined || stored === null ? null : (
      <Field label={label} hint={t("channels.found_out")} readOnly>
        <Input readOnly value={String(stored)} />
      </Field>
    );
  }
  switch (field.kind) {
    case "secret":
      return (
        <FormField {...about}>
          {(control) => (
            <SecretInput
              stored={typeof stored === "string" ? stored : null}
              value={control.value as string | null | undefined}
              onChange={control.onChange}
              onBlur={control.onBlur}
              removable={!field.required}
            />
          )}
        </FormField>
      );
    case "flag":
      return (
        <div className="sm:col-span-2">
          <CheckboxField control={control} name={name} label={label} hint={hint} />
        </div>
      );
    case "maybe":
    case "choice":
      return (
        <FormField {...about}>
          {(control) => (
            <Select
              value={control.value as string}
              onChange={control.onChange}
              options={
                field.kind === "maybe"
                  ? ["auto", "true", "false"].map((value) => ({ value, label: t(`channels.maybe.${value}`) }))
                  : field.options.map((value) => ({ value, label: labelOf(value, t) }))
              }
            />
          )}
        </FormField>
      );
    case "words":
      return (
        <FormField {...about} className="sm:col-span-2">
          {(control) => (
            <ChipsInput
              value={control.value as string[]}
              onChange={control.onChange}
              onBlur={control.onBlur}
              suggestions={field.options}
            />
          )}
        </FormField>
      );
    case "group":
      return (
        <Field label={label} hint={said(field.description)} group className="sm:col-span-2">
          <div className="rounded-lg border border-line p-3">
            <SchemaFields control={control} path={name} fields={field.fields} stored={(stored ?? {}) as Values} />
          </div>
        </Field>
      );
    case "json":
      return (
        <FormField {...about} className="sm:col-span-2">
          {(control) => (
            <Textarea {...control} value={String(control.value ?? "")} className="font-mono" spellCheck={false} />
          )}
        </FormField>
      );
    case "integer":
    case "number":
      return <TextField {...about} type="number" />;
    default:
      // a text of several lines: a request's body, its headers
      if ((field.schema.maxLength ?? 0) >= 4000)
        return (
          <FormField {...about} className="sm:col-span-2">
            {(control) => (
              <Textarea {...control} value={String(control.value ?? "")} className="font-mono" spellCheck={false} />
            )}
          </FormField>
        );
      return <TextField {...about} type={field.schema.format === "uri" ? "url" : "text"} />;
  }
}
