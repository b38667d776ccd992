import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";

import type { ApiError } from "@/api/errors";
import { signedIn, signIn } from "@/api/session";
import { queryClient } from "@/api/query";
import { LANGUAGES, setLanguage, type Language } from "@/i18n";
import { Button, Field, FieldError, Input, Select } from "@/ui";
import { DemoPeople } from "./DemoPeople";
import { Logo } from "./Logo";

/** Only a path of this app: an address from outside must not decide where one lands. */
const landing = (next: string | undefined) => (next?.startsWith("/") && !next.startsWith("//") ? next : "/");

export function SignIn() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const { next } = useSearch({ from: "/sign-in" });
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  useEffect(() => {
    document.title = `${t("signIn.title")} · ${t("app.name")}`;
    if (signedIn()) void navigate({ to: landing(next), replace: true });
  }, [navigate, next, t]);

  const enter = async (as: string, word: string) => {
    setBusy(true);
    setError(null);
    try {
      await signIn(as, word);
      queryClient.clear();
      await navigate({ to: landing(next), replace: true });
    } catch (refused) {
      const { code, message } = refused as ApiError;
      setError(t(`signIn.errors.${code}`, { defaultValue: message }));
    } finally {
      setBusy(false);
    }
  };

  function submit(event: FormEvent) {
    event.preventDefault();
    void enter(email.trim(), password);
  }

  return (
    <main className="flex min-h-full items-center justify-center p-4">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Logo className="size-14" />
          <div>
            <h1 className="text-xl font-semibold">{t("signIn.heading")}</h1>
            <p className="mt-1 text-muted">{t("signIn.lead")}</p>
          </div>
        </div>
        <form
          onSubmit={submit}
          className="flex flex-col gap-4 rounded-2xl border border-line bg-section p-6 shadow-pop"
        >
          <Field label={t("signIn.email")}>
            <Input
              type="email"
              name="email"
              autoComplete="username"
              autoFocus
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          </Field>
          <Field label={t("signIn.password")}>
            <Input
              type="password"
              name="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          </Field>
          <FieldError message={error ?? undefined} />
          <Button
            type="submit"
            variant="primary"
            size="lg"
            loading={busy}
            disabled={!email.trim() || !password}
            className="w-full"
          >
            {t("signIn.submit")}
          </Button>
        </form>
        <DemoPeople busy={busy} onChoose={enter} />
        <div className="mx-auto mt-4 w-40">
          <Select
            label={t("menu.language")}
            value={i18n.language}
            onChange={(language) => void setLanguage(language as Language)}
            options={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          />
        </div>
      </div>
    </main>
  );
}
