import { useTranslation } from "react-i18next";

import { useGroups } from "@/api/lookups";
import { ChipsInput, Field, Input, RadioGroup, Select } from "@/ui";

export interface ImportOptions {
  on_duplicate: "update" | "skip" | "error";
  tags: string[];
  group_id: string | null;
  country: string;
}

export const DEFAULTS: ImportOptions = { on_duplicate: "update", tags: [], group_id: null, country: "" };
/** Radix gives no item the empty value. */
const NONE = "none";

/** What holds for all rows of a file. */
export function Options({ value, onChange }: { value: ImportOptions; onChange: (value: ImportOptions) => void }) {
  const { t } = useTranslation("people");
  const groups = useGroups();
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      <Field label={t("imports.on_duplicate")} hint={t("imports.on_duplicate_hint")} group className="sm:col-span-2">
        <RadioGroup
          look="row"
          label={t("imports.on_duplicate")}
          value={value.on_duplicate}
          onChange={(on_duplicate) => onChange({ ...value, on_duplicate })}
          options={(["update", "skip", "error"] as const).map((one) => ({
            value: one,
            label: t(`imports.duplicates.${one}`),
          }))}
        />
      </Field>
      <Field label={t("imports.group")}>
        <Select
          value={value.group_id ?? NONE}
          onChange={(id) => onChange({ ...value, group_id: id === NONE ? null : id })}
          options={[
            { value: NONE, label: t("imports.no_group") },
            ...groups.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      </Field>
      <Field label={t("imports.country")} hint={t("imports.country_hint")}>
        <Input
          type="tel"
          placeholder="+251"
          value={value.country}
          onChange={(event) => onChange({ ...value, country: event.target.value.trim() })}
        />
      </Field>
      <Field label={t("imports.tags")} hint={t("imports.tags_hint")} className="sm:col-span-2">
        <ChipsInput value={value.tags} onChange={(tags) => onChange({ ...value, tags })} />
      </Field>
    </div>
  );
}
