import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data } from "@/api/client";
import type { Group } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { FormSheet } from "@/settings/common/form-sheet";
import { useChanged } from "@/settings/common/hooks";
import { rules } from "@/settings/common/rules";
import { TextareaField, TextField, useSave } from "@/ui";

interface GroupFormProps {
  group: Group | null;
  onClose: () => void;
  /** After a new one is stored. */
  onMade?: (group: Group) => void;
}

export function GroupForm({ group, onClose, onMade }: GroupFormProps) {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const schema = useMemo(
    () => z.object({ name: rules(settings).text(255), description: rules(settings).optional(1000) }),
    [settings],
  );
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { name: group?.name ?? "", description: group?.description ?? "" },
  });
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = { name: values.name, description: values.description || null };
      const stored = group
        ? await data(api.PATCH("/v1/groups/{id}", { params: { path: { id: group.id } }, body }))
        : await data(api.POST("/v1/groups", { body: { ...body, account_id: account.account_id } }));
      kept();
      await changed(["groups"]);
      if (group || !onMade) onClose();
      else onMade(stored);
    },
  });
  return (
    <FormSheet
      small
      id="group"
      title={group ? t("groups.edit") : t("groups.add")}
      form={form}
      saving={saving}
      onClose={onClose}
      isNew={!group}
    >
      <TextField control={form.control} name="name" label={t("fields.name")} required autoFocus />
      <TextareaField control={form.control} name="description" label={settings("fields.description")} rows={3} />
    </FormSheet>
  );
}
