import { useState, type FormEvent } from "react";
import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";

/** What the hub refuses, as far as a form needs to know. */
export interface Refusal {
  message: string;
  /** Refused fields with their reasons. */
  fields: Record<string, string>;
  /** The field that the message is about, when it is one alone: a name that is taken. */
  field: string | null;
}

function refusedFields(error: unknown): Record<string, string> {
  if (!isRefusal(error)) return {};
  const { fields, field, message } = error;
  return Object.keys(fields).length === 0 && field ? { [field]: message } : fields;
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && "fields" in error && typeof error.fields === "object";
}

type Reset<T extends FieldValues> = Pick<UseFormReturn<T, unknown, T>, "getValues" | "reset" | "setValue">;

/**
 * The form holds what is stored from now on. What was typed since it held `before` stays and is still to be saved:
 * an answer that took its time must not undo what was written meanwhile.
 */
export function settle<T extends FieldValues>(form: Reset<T>, stored: T, before: object | undefined): void {
  const now = structuredClone(form.getValues());
  const told = (before ?? {}) as Record<string, unknown>;
  form.reset(stored);
  for (const [name, value] of Object.entries(now)) {
    if (JSON.stringify(value) === JSON.stringify(told[name])) continue;
    form.setValue(name as FieldPath<T>, value, { shouldDirty: true });
  }
}

interface SaveOptions<T extends FieldValues> {
  form: UseFormReturn<T, unknown, T>;
  /** Call `kept` when it is stored, with what the hub made of it where that differs from what was sent. */
  save: (values: T, kept: (stored?: T) => void) => Promise<void>;
  /** The form's field for one of the hub's, where they differ; `null` shows it above the form. */
  fieldOf?: (field: string) => string | null;
}

export interface Saving {
  onSubmit: (event: FormEvent) => void;
  /** Why it was not saved, beyond single fields. */
  refusal: string | null;
}

/** Sends a form. What the hub refuses stands at its fields, and everything that was typed stays. */
export function useSave<T extends FieldValues>({ form, save, fieldOf }: SaveOptions<T>): Saving {
  const { t } = useTranslation("ui");
  const [refusal, setRefusal] = useState<string | null>(null);
  const attempt = async (values: T) => {
    setRefusal(null);
    // as typed: the values are trimmed and put right
    const sent = structuredClone(form.getValues());
    try {
      await save(values, (stored = values) => settle(form, stored, sent));
    } catch (error) {
      const elsewhere: string[] = [];
      let focused = false;
      for (const [name, message] of Object.entries(refusedFields(error))) {
        const field = fieldOf ? fieldOf(name) : name;
        // a field that the form does not have would be refused out of sight
        if (field === null || !knows(form.getValues(), field)) {
          elsewhere.push(`${name}: ${message}`);
          continue;
        }
        form.setError(field as FieldPath<T>, { type: "server", message }, { shouldFocus: !focused });
        focused = true;
      }
      if (elsewhere.length) setRefusal(elsewhere.join("\n"));
      else if (!focused) setRefusal(error instanceof Error ? error.message : t("failed"));
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    // a form in a dialog is inside its page's form in React's tree
    event.stopPropagation();
    void form.handleSubmit(attempt)(event);
  };
  return { onSubmit, refusal };
}

function knows(values: object, path: string): boolean {
  const [first = ""] = path.split(".");
  return first in values;
}
