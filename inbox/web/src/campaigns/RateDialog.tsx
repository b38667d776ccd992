import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { FormSheet } from "@/settings/common/form-sheet";
import { useChanged } from "@/settings/common/hooks";
import { rules } from "@/settings/common/rules";
import { TextField, useSave } from "@/ui";
import { groupMessages, type GroupMessage } from "./data";

/** The hub takes no more. */
export const FASTEST = 1_000_000;

/** How many messages a minute, while it runs too. */
export function RateDialog({ message, onClose }: { message: GroupMessage; onClose: () => void }) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const changed = useChanged();
  const schema = useMemo(() => z.object({ rate_per_minute: rules(settings).number(1, FASTEST) }), [settings]);
  const form = useForm({
    resolver: zodResolver(schema) as never,
    defaultValues: { rate_per_minute: message.rate_per_minute },
  });
  const saving = useSave({
    form,
    save: async (body, kept) => {
      await groupMessages.change(message.id, body);
      kept();
      await changed(["group-messages"]);
      onClose();
    },
  });
  return (
    <FormSheet small id="rate" title={t("controls.rate")} form={form} saving={saving} onClose={onClose} isNew={false}>
      <TextField
        control={form.control}
        name="rate_per_minute"
        type="number"
        label={t("sending.rate")}
        hint={t("sending.rate_hint")}
        autoFocus
      />
    </FormSheet>
  );
}
