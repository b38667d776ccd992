import { Plus, Trash2 } from "lucide-react";
import { useFieldArray, useFormContext, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";

import {
  Button,
  CheckboxField,
  ChipsInput,
  FormField,
  IconButton,
  Input,
  Select,
  SortableList,
  TextField,
  useReadOnly,
} from "@/ui";
import { nameFrom, type ChatValues } from "./model";

/** What the hub's contacts have by themselves. */
const USUAL = ["name", "email", "phone"] as const;
const MOST = 20;

/** The questions before a chat: added, put in order, removed. */
export function Questions({ types }: { types: string[] }) {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  const { control } = useFormContext<ChatValues>();
  const { fields, append, remove, move } = useFieldArray({ control, name: "questions" });
  const asked = useWatch({ control, name: "questions" }).map((question) => question.name);
  const add = (name: string) => {
    const type = types.includes(name) ? name : "text";
    append({ name, label: name ? t(`webchat.usual.${name}`) : "", required: false, type, options: [] });
  };
  return (
    <div className="flex flex-col gap-3">
      <SortableList
        label={t("webchat.questions")}
        items={fields}
        id={(field) => field.id}
        name={(field) => field.label || field.name}
        disabled={readOnly}
        onReorder={(next) => {
          const from = fields.findIndex((field, index) => next[index]?.id !== field.id);
          const moved = fields[from];
          if (!moved) return;
          // one was moved: either the first that differs went down, or another came up to its place
          const to = next.findIndex((field) => field.id === moved.id);
          if (next[from]?.id === fields[from + 1]?.id) move(from, to);
          else
            move(
              fields.findIndex((field) => field.id === next[from]?.id),
              from,
            );
        }}
        className="flex flex-col gap-2.5"
      >
        {(_, handle, index) => (
          <div className="flex items-start gap-2 rounded-lg border border-line bg-card p-3">
            <span className="pt-6">{handle}</span>
            <QuestionFields index={index} types={types} />
            {!readOnly && (
              <IconButton
                className="mt-5.5"
                label={t("webchat.remove_question", { number: index + 1 })}
                icon={<Trash2 />}
                onClick={() => remove(index)}
              />
            )}
          </div>
        )}
      </SortableList>
      {fields.length === 0 && <p className="text-muted">{t("webchat.no_questions")}</p>}
      {!readOnly && (
        <div className="flex flex-wrap gap-2">
          {USUAL.filter((name) => !asked.includes(name)).map((name) => (
            <Button
              key={name}
              size="sm"
              disabled={fields.length >= MOST}
              icon={<Plus aria-hidden className="size-4" />}
              onClick={() => add(name)}
            >
              {t(`webchat.usual.${name}`)}
            </Button>
          ))}
          <Button
            size="sm"
            disabled={fields.length >= MOST}
            icon={<Plus aria-hidden className="size-4" />}
            onClick={() => add("")}
          >
            {t("webchat.own_question")}
          </Button>
        </div>
      )}
    </div>
  );
}

function QuestionFields({ index, types }: { index: number; types: string[] }) {
  const { t } = useTranslation("settings");
  const { control, setValue } = useFormContext<ChatValues>();
  const [name, type] = useWatch({ control, name: [`questions.${index}.name`, `questions.${index}.type`] });
  const isUsual = (USUAL as readonly string[]).includes(name);
  return (
    <div className="grid min-w-0 flex-1 gap-3 sm:grid-cols-2">
      <FormField control={control} name={`questions.${index}.label`} label={t("webchat.label")} required>
        {(field) => (
          <Input
            {...field}
            onChange={(event) => {
              const before = nameFrom(field.value, index);
              field.onChange(event);
              // until it is named otherwise, a question is named by what it asks
              if (!name || name === before) {
                setValue(`questions.${index}.name`, nameFrom(event.target.value, index), { shouldDirty: true });
              }
            }}
          />
        )}
      </FormField>
      <TextField
        control={control}
        name={`questions.${index}.name`}
        label={t("webchat.field_name")}
        hint={isUsual ? t("webchat.usual_hint") : undefined}
        required
        mono
      />
      {types.length > 0 && (
        <FormField control={control} name={`questions.${index}.type`} label={t("fields.type")}>
          {(field) => (
            <Select
              value={field.value}
              onChange={field.onChange}
              options={types.map((value) => ({ value, label: t(`webchat.types.${value}`, { defaultValue: value }) }))}
            />
          )}
        </FormField>
      )}
      {type === "select" && types.includes("select") && (
        <FormField control={control} name={`questions.${index}.options`} label={t("webchat.options")} required>
          {(field) => <ChipsInput value={field.value} onChange={field.onChange} onBlur={field.onBlur} />}
        </FormField>
      )}
      <div className="sm:col-span-2">
        <CheckboxField control={control} name={`questions.${index}.required`} label={t("webchat.is_required")} />
      </div>
    </div>
  );
}
