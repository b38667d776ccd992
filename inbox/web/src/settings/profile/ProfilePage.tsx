import { useTranslation } from "react-i18next";

import { useAccount } from "@/app/account";
import { prefs, usePrefs, type Prefs } from "@/app/prefs";
import { LANGUAGES, setLanguage, type Language } from "@/i18n";
import { isMac } from "@/lib/shortcuts";
import { Field, RadioGroup, Select } from "@/ui";
import { Card, PageHeader } from "../common/page";
import { PasswordForm } from "./PasswordForm";
import { PersonForm } from "./PersonForm";
import { Picture } from "./Picture";
import { Sessions } from "./Sessions";

export function ProfilePage() {
  const { t } = useTranslation("settings");
  const { me } = useAccount();
  return (
    <>
      <PageHeader title={t("sections.profile")} text={t("profile.text")} />
      <div className="flex flex-col gap-4">
        <Card title={t("profile.person")}>
          <Picture />
          <PersonForm user={me} />
        </Card>
        <Look />
        <Card title={t("profile.password")} text={t("profile.password_text")}>
          <PasswordForm />
        </Card>
        <Card title={t("profile.sessions")} text={t("profile.sessions_text")}>
          <Sessions />
        </Card>
      </div>
    </>
  );
}

/** What is kept on this device alone, and counts at once. */
function Look() {
  const { t, i18n } = useTranslation("settings");
  const { theme, sendKey } = usePrefs();
  const mod = isMac ? "⌘" : "Ctrl";
  return (
    <Card title={t("profile.look")} text={t("profile.look_text")}>
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={t("profile.theme")} group>
          <RadioGroup<Prefs["theme"]>
            label={t("profile.theme")}
            look="row"
            value={theme}
            onChange={(next) => prefs.set({ theme: next })}
            options={(["system", "dark", "light"] as const).map((value) => ({
              value,
              label: t(`profile.themes.${value}`),
            }))}
          />
        </Field>
        <Field label={t("profile.language")}>
          <Select<Language>
            value={i18n.language as Language}
            onChange={(language) => void setLanguage(language)}
            options={Object.entries(LANGUAGES).map(([value, label]) => ({ value: value as Language, label }))}
          />
        </Field>
        <Field label={t("profile.send_key")} group>
          <RadioGroup<Prefs["sendKey"]>
            label={t("profile.send_key")}
            value={sendKey}
            onChange={(next) => prefs.set({ sendKey: next })}
            options={[
              { value: "enter", label: t("profile.send_enter"), hint: t("profile.send_enter_hint") },
              { value: "mod", label: t("profile.send_mod", { mod }), hint: t("profile.send_mod_hint") },
            ]}
          />
        </Field>
      </div>
    </Card>
  );
}
