import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Button, IconButton } from "./button";
import { useFieldControl } from "./field";
import { Input } from "./input";

interface SecretInputProps {
  /** What the hub shows of the stored secret; nothing is stored without it. */
  stored?: string | null | undefined;
  /** What is to be sent: `undefined` leaves the stored one alone, `null` removes it. */
  value: string | null | undefined;
  onChange: (value: string | null | undefined) => void;
  onBlur?: () => void;
  removable?: boolean;
  placeholder?: string;
}

/** A secret that can be written and never read again. */
export function SecretInput({ stored, value, onChange, onBlur, removable, placeholder }: SecretInputProps) {
  const { t } = useTranslation("ui");
  const { readOnly } = useFieldControl();
  const [shown, setShown] = useState(false);
  if (value === null) {
    return (
      <div className="flex items-center gap-2">
        <Input value="" readOnly placeholder={t("secret_removed")} />
        <Button onClick={() => onChange(undefined)}>{t("undo")}</Button>
      </div>
    );
  }
  if (stored && value === undefined) {
    return (
      <div className="flex items-center gap-2">
        <Input value={stored} readOnly className="font-mono" />
        {!readOnly && <Button onClick={() => onChange("")}>{t("replace")}</Button>}
        {!readOnly && removable && <Button onClick={() => onChange(null)}>{t("remove")}</Button>}
      </div>
    );
  }
  return (
    <div className="flex items-center gap-2">
      <Input
        // not `password` alone: password managers would offer to keep a provider's key as a sign-in
        type={shown ? "text" : "password"}
        autoComplete="new-password"
        spellCheck={false}
        autoFocus={Boolean(stored)}
        placeholder={placeholder}
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value)}
        onBlur={onBlur}
        className="font-mono"
        after={
          <IconButton
            size="sm"
            label={shown ? t("hide") : t("show")}
            icon={shown ? <EyeOff /> : <Eye />}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          />
        }
      />
      {stored && <Button onClick={() => onChange(undefined)}>{t("keep_stored")}</Button>}
    </div>
  );
}
