import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { Input, Select } from "@/ui";
import { IGNORE, PROPERTY, TARGETS } from "./data";

interface MappingProps {
  preview: Schemas["One_ImportPreview"]["data"];
  mapping: Record<string, string>;
  onChange: (mapping: Record<string, string>) => void;
}

/** Each column with its first cells, and where they go. */
export function Mapping({ preview, mapping, onChange }: MappingProps) {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const nameOf = (target: string) =>
    target.startsWith("identifier.")
      ? t("imports.identifier", { channel: settings(`channel_types.${target.slice("identifier.".length)}`) })
      : t(`imports.targets.${target}`);
  const options = [
    ...TARGETS.map((value) => ({ value, label: nameOf(value) })),
    { value: PROPERTY, label: t("imports.targets.property") },
    { value: IGNORE, label: t("imports.targets.ignore") },
  ];
  return (
    <ul className="flex flex-col gap-2">
      {preview.columns.map((column, at) => {
        const target = mapping[column] ?? IGNORE;
        const isProperty = target.startsWith(PROPERTY);
        const cells = preview.rows
          .map((row) => row[at])
          .filter(Boolean)
          .slice(0, 3);
        const set = (next: string) => onChange({ ...mapping, [column]: next });
        return (
          <li
            key={`${at} ${column}`}
            className="grid items-center gap-x-4 gap-y-2 rounded-lg border border-line p-3 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]"
          >
            <span className="min-w-0">
              <span className="block truncate font-medium">{column}</span>
              <span className="block truncate text-xs text-faint">{cells.join(" · ") || "—"}</span>
            </span>
            <span className="flex gap-2">
              <Select
                label={t("imports.goes_to", { column })}
                value={isProperty ? PROPERTY : target}
                options={options}
                onChange={(next) =>
                  set(
                    next === PROPERTY
                      ? PROPERTY +
                          column
                            .trim()
                            .toLowerCase()
                            .replaceAll(/[^\p{L}\p{N}]+/gu, "_")
                      : next,
                  )
                }
              />
              {isProperty && (
                <Input
                  aria-label={t("imports.property_name", { column })}
                  value={target.slice(PROPERTY.length)}
                  onChange={(event) => set(PROPERTY + event.target.value.trim())}
                />
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
