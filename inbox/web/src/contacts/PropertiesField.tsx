import type { TFunction } from "i18next";
import { Plus, Trash2 } from "lucide-react";
import { useFieldArray, type UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { Button, FieldError, IconButton, Input, messageOf, useReadOnly } from "@/ui";
import { shownProperty, type Written } from "./properties";

/** The properties as the form holds them. */
export const writtenProperties = (properties: Record<string, unknown>): Written =>
  Object.entries(properties).map(([name, value]) => ({ name, value: shownProperty(value) }));

/** Every property has a name, and no two the same. */
export const propertiesRule = (t: TFunction<"settings">) =>
  z
    .array(z.object({ name: z.string().trim().min(1, t("errors.required")), value: z.string() }))
    .superRefine((all, refuse) => {
      all.forEach(({ name }, at) => {
        if (all.findIndex((other) => other.name === name) === at) return;
        refuse.addIssue({ code: "custom", path: [at, "name"], message: t("errors.same_name") });
      });
    });

/** What the field needs to know of the form around it. */
type Form = { properties: Written };

/** Whatever the account keeps of somebody, by names of its own. */
export function PropertiesField<T extends Form>({ form }: { form: UseFormReturn<T, unknown, T> }) {
  const { t } = useTranslation("people");
  const readOnly = useReadOnly();
  const { control, register, formState } = form as unknown as UseFormReturn<Form, unknown, Form>;
  const { fields, append, remove } = useFieldArray({ control, name: "properties" });
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 font-medium">{t("properties.title")}</legend>
      {fields.map((field, at) => (
        <div key={field.id}>
          <div className="flex items-center gap-2">
            <Input
              {...register(`properties.${at}.name`)}
              aria-label={t("properties.name", { n: at + 1 })}
              aria-invalid={formState.errors.properties?.[at] ? true : undefined}
            />
            <Input {...register(`properties.${at}.value`)} aria-label={t("properties.value", { n: at + 1 })} />
            {!readOnly && (
              <IconButton
                label={t("properties.remove", { name: field.name })}
                icon={<Trash2 />}
                size="sm"
                onClick={() => remove(at)}
              />
            )}
          </div>
          <FieldError message={messageOf(formState.errors.properties?.[at])} />
        </div>
      ))}
      {!readOnly && (
        <Button
          size="sm"
          className="self-start"
          icon={<Plus aria-hidden className="size-4" />}
          onClick={() => append({ name: "", value: "" })}
        >
          {t("properties.add")}
        </Button>
      )}
    </fieldset>
  );
}
