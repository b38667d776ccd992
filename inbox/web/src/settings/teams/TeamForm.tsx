import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data, type Schemas } from "@/api/client";
import { useAccount } from "@/app/account";
import { CheckboxField, TextareaField, TextField, useSave } from "@/ui";
import { FormSheet } from "../common/form-sheet";
import { useChanged } from "../common/hooks";
import { rules } from "../common/rules";
import { Members } from "./Members";

interface TeamFormProps {
  team: Schemas["TeamView"] | null;
  onClose: () => void;
  /** A new team is opened at once, so that members can be added. */
  onMade: (id: string) => void;
}

export function TeamForm({ team, onClose, onMade }: TeamFormProps) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const schema = useMemo(() => {
    const rule = rules(t);
    return z.object({ name: rule.text(255), description: rule.optional(2000), is_active: z.boolean() });
  }, [t]);
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      name: team?.name ?? "",
      description: team?.description ?? "",
      is_active: team?.is_active ?? true,
    },
  });
  const saving = useSave({
    form,
    save: async (values, kept) => {
      const body = { ...values, description: values.description || null };
      const saved = team
        ? await data(api.PATCH("/v1/teams/{id}", { params: { path: { id: team.id } }, body }))
        : await data(api.POST("/v1/teams", { body: { ...body, account_id: account.account_id } }));
      kept();
      await changed(["teams"]);
      if (team) onClose();
      else onMade(saved.id);
    },
  });
  return (
    <FormSheet
      id="team"
      title={team ? t("teams.edit") : t("teams.add")}
      form={form}
      saving={saving}
      onClose={onClose}
      isNew={!team}
      {...(!team && { label: t("teams.create") })}
      after={team && <Members team={team} />}
    >
      <TextField control={form.control} name="name" label={t("fields.name")} required autoFocus={!team} />
      <TextareaField control={form.control} name="description" label={t("fields.description")} rows={2} />
      <CheckboxField
        control={form.control}
        name="is_active"
        label={t("teams.is_active")}
        hint={t("teams.is_active_hint")}
      />
      {!team && <p className="text-xs text-faint">{t("teams.members_later")}</p>}
    </FormSheet>
  );
}
