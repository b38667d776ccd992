import { CommandError, type PreChatForm } from "@turumba/realtime";
import { useState } from "preact/hooks";

import "./card";
import type { Chat } from "./chat";

type Field = PreChatForm["fields"][number];

/** What a field asks for, said or known by its name. */
const typeOf = ({ type, name }: Field) => type ?? (name === "email" ? "email" : name === "phone" ? "phone" : "text");

/** What the hub takes at most. */
const INPUT = {
  text: { type: "text", maxLength: 255 },
  email: { type: "email", maxLength: 255 },
  phone: { type: "tel", maxLength: 20 },
} as const;

const COMPLETE: Record<string, AutoFill> = { name: "name", email: "email", phone: "tel" };

/** Questions before the first message. */
export function Form({ chat, fields }: { chat: Chat; fields: Field[] }) {
  const { t } = chat.texts;
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failed, setFailed] = useState("");
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]).filter(([, value]) => value)) as Record<string, string>;
    const wrong = Object.fromEntries(fields.flatMap((field) =>
      field.required && !given[field.name] ? [[field.name, t("form_required")]]
      : typeOf(field) === "email" && given[field.name] && !/^\S+@\S+\.\S+$/.test(given[field.name]!) ? [[field.name, t("form_email")]]
      : []));
    setErrors(wrong);
    setFailed("");
    const first = fields.find(({ name }) => wrong[name]);
    if (first) return (form.elements.namedItem(first.name) as HTMLElement).focus();
    setBusy(true);
    try {
      await chat.answer(given);
    } catch (error) {
      const refused = error instanceof CommandError ? (error.details["errors"] as { field: string; message: string }[] | undefined) ?? [] : [];
      setErrors(Object.fromEntries(refused.map(({ field, message }) => [field.replace("attributes.", ""), message])));
      if (!refused.length) setFailed(t("form_failed", { why: error instanceof Error ? error.message : String(error) }));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      class="card form" noValidate onSubmit={(event) => void submit(event)}
      // what is being put right is wrong no longer
      onInput={({ target }) => setErrors(({ [(target as HTMLInputElement).name]: _, ...others }) => others)}
    >
      <h2>{t("form_intro")}</h2>
      {fields.map((field) => {
        const type = typeOf(field);
        const error = errors[field.name];
        const common = {
          id: `f-${field.name}`, name: field.name, required: !!field.required, "aria-invalid": !!error,
          ...(error && { "aria-describedby": `e-${field.name}` }),
        };
        return (
          <p class="field">
            <label for={common.id}>{field.label}{field.required && <span aria-hidden="true"> *</span>}</label>
            {type === "select" ? (
              <select {...common}>
                <option value="">{t("form_choose")}</option>
                {field.options?.map((option) => <option>{option}</option>)}
              </select>
            ) : type === "textarea" ? <textarea {...common} rows={3} maxLength={2000} />
              : <input {...common} {...INPUT[type]} autocomplete={COMPLETE[field.name] ?? "off"} />}
            {error && <span class="error" id={`e-${field.name}`}>{error}</span>}
          </p>
        );
      })}
      {failed && <p class="error" role="alert">{failed}</p>}
      <button class="main" type="submit" disabled={isBusy}>{t("form_start")}</button>
    </form>
  );
}
