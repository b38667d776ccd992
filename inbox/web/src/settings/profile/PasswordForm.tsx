import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, done } from "@/api/client";
import { Form, FormActions, TextField, useSave } from "@/ui";
import { useChanged } from "../common/hooks";

const EMPTY = { current_password: "", new_password: "", again: "" };

/** Another password for oneself; the other sign-ins end. */
export function PasswordForm() {
  const { t } = useTranslation("settings");
  const changed = useChanged();
  const schema = useMemo(
    () =>
      z
        .object({
          current_password: z.string().min(1, t("errors.required")),
          new_password: z
            .string()
            .min(8, t("errors.password_short"))
            .max(256, t("errors.too_long", { count: 256 })),
          again: z.string(),
        })
        .refine(({ new_password, again }) => new_password === again, {
          path: ["again"],
          message: t("errors.password_differs"),
        }),
    [t],
  );
  const form = useForm({ resolver: zodResolver(schema), defaultValues: EMPTY });
  const saving = useSave({
    form,
    save: async ({ current_password, new_password }, kept) => {
      await done(api.POST("/v1/auth/password", { body: { current_password, new_password } }));
      kept(EMPTY);
      await changed(["sessions"], t("profile.password_changed"));
    },
  });
  const { control } = form;
  return (
    <Form form={form} saving={saving} className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          control={control}
          name="current_password"
          label={t("profile.current_password")}
          type="password"
          autoComplete="current-password"
          required
        />
        <TextField
          control={control}
          name="new_password"
          label={t("profile.new_password")}
          hint={t("errors.password_short")}
          type="password"
          autoComplete="new-password"
          required
          className="sm:col-start-1"
        />
        <TextField
          control={control}
          name="again"
          label={t("profile.again")}
          type="password"
          autoComplete="new-password"
          required
        />
      </div>
      <div className="flex justify-end">
        <FormActions form={form} label={t("profile.change_password")} />
      </div>
    </Form>
  );
}
