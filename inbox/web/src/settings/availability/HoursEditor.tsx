import { Plus, Trash2 } from "lucide-react";
import { ToggleGroup } from "radix-ui";
import { useController, useFieldArray, useWatch, type Control } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Button, Field, FormField, IconButton, Input, messageOf, RadioGroup, useReadOnly } from "@/ui";
import { TimezoneSelect } from "../common/timezone";
import type { Preferences } from "./form";
import { DAYS, isOvernight, officeHours, weekOf, type Block, type Day } from "./hours";

/** When somebody works: always, or in blocks of hours in a time zone. */
export function HoursEditor({ control }: { control: Control<Preferences> }) {
  const { t } = useTranslation("settings");
  const limited = useController({ control, name: "hours.limited" }).field;
  return (
    <div className="flex flex-col gap-4">
      <Field label={t("hours.when")} group>
        <RadioGroup
          label={t("hours.when")}
          look="row"
          value={limited.value ? "limited" : "always"}
          onChange={(value) => limited.onChange(value === "limited")}
          options={[
            { value: "always", label: t("hours.always") },
            { value: "limited", label: t("hours.limited") },
          ]}
        />
      </Field>
      {limited.value && <Blocks control={control} />}
    </div>
  );
}

function Blocks({ control }: { control: Control<Preferences> }) {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  const { fields, append, remove } = useFieldArray({ control, name: "hours.blocks" });
  const blocks = useWatch({ control, name: "hours.blocks" });
  return (
    <>
      <FormField control={control} name="hours.timezone" label={t("fields.timezone")} required className="max-w-sm">
        {(field) => <TimezoneSelect value={field.value} onChange={field.onChange} />}
      </FormField>
      <ol aria-label={t("hours.blocks")} className="flex flex-col gap-2.5">
        {fields.map((field, index) => (
          <li key={field.id} className="rounded-lg border border-line bg-raised/40 p-3">
            <BlockFields
              control={control}
              index={index}
              onRemove={!readOnly && fields.length > 1 ? () => remove(index) : undefined}
            />
          </li>
        ))}
      </ol>
      {!readOnly && (
        <Button
          className="self-start"
          size="sm"
          icon={<Plus aria-hidden className="size-4" />}
          onClick={() => append(officeHours())}
        >
          {t("hours.add")}
        </Button>
      )}
      <Week blocks={blocks} />
    </>
  );
}

interface BlockFieldsProps {
  control: Control<Preferences>;
  index: number;
  onRemove: (() => void) | undefined;
}

function BlockFields({ control, index, onRemove }: BlockFieldsProps) {
  const { t } = useTranslation("settings");
  const days = useController({ control, name: `hours.blocks.${index}.days` });
  const block = useWatch({ control, name: `hours.blocks.${index}` });
  return (
    <div className="flex flex-wrap items-start gap-x-5 gap-y-3">
      <Field label={t("hours.days")} group error={messageOf(days.fieldState.error)}>
        <DayToggles value={days.field.value} onChange={days.field.onChange} label={t("hours.days")} />
      </Field>
      <FormField control={control} name={`hours.blocks.${index}.start`} label={t("hours.start")} className="w-32">
        {(field) => <Input {...field} type="time" required />}
      </FormField>
      <FormField
        control={control}
        name={`hours.blocks.${index}.end`}
        label={t("hours.end")}
        className="w-32"
        hint={isOvernight(block) ? t("hours.next_day") : undefined}
      >
        {(field) => <Input {...field} type="time" required />}
      </FormField>
      {onRemove && (
        <IconButton
          className="mt-6.5 ml-auto"
          label={t("hours.remove", { number: index + 1 })}
          icon={<Trash2 />}
          onClick={onRemove}
        />
      )}
    </div>
  );
}

interface DayTogglesProps {
  value: Day[];
  onChange: (days: Day[]) => void;
  label: string;
}

export function DayToggles({ value, onChange, label }: DayTogglesProps) {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  return (
    <ToggleGroup.Root
      type="multiple"
      aria-label={label}
      value={value}
      disabled={readOnly}
      onValueChange={(days) => onChange(DAYS.filter((day) => days.includes(day)))}
      className="flex flex-wrap gap-1"
    >
      {DAYS.map((day) => (
        <ToggleGroup.Item
          key={day}
          value={day}
          aria-label={t(`days_long.${day}`)}
          className="h-9 min-w-11 rounded-lg border border-field bg-section px-1.5 text-[0.8125rem] text-muted hover:bg-hover disabled:opacity-60 data-[state=on]:border-brand data-[state=on]:bg-blue/12 data-[state=on]:font-semibold data-[state=on]:text-blue"
        >
          {t(`days.${day}`)}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

/** The week at a glance: what the blocks mean together. */
function Week({ blocks }: { blocks: Block[] }) {
  const { t } = useTranslation("settings");
  const week = weekOf(blocks);
  return (
    <figure aria-label={t("hours.week")} className="rounded-lg border border-line p-3">
      <div aria-hidden className="grid grid-cols-[2.75rem_1fr] items-center gap-y-1.5">
        {week.map((intervals, index) => (
          <div key={DAYS[index]} className="contents">
            <span className="text-xs text-faint">{t(`days.${DAYS[index] ?? "mon"}`)}</span>
            <span className="relative h-3.5 overflow-hidden rounded bg-raised">
              {intervals.map(([from, to]) => (
                <span
                  key={from}
                  className="absolute inset-y-0 rounded bg-brand"
                  style={{ left: `${from / 14.4}%`, width: `${(to - from) / 14.4}%` }}
                />
              ))}
            </span>
          </div>
        ))}
        <span />
        <span className="flex justify-between text-[0.6875rem] text-faint tabular-nums">
          {["00", "06", "12", "18", "24"].map((hour) => (
            <span key={hour}>{hour}</span>
          ))}
        </span>
      </div>
    </figure>
  );
}
