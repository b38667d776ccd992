import { useBlocker } from "@tanstack/react-router";
import { useCallback, type ReactNode } from "react";
import {
  useController,
  type Control,
  type ControllerRenderProps,
  type FieldPath,
  type FieldValues,
  type UseFormReturn,
} from "react-hook-form";
import { useTranslation } from "react-i18next";

import { Banner } from "./banner";
import { Button } from "./button";
import { Checkbox } from "./choice";
import { useConfirm } from "./confirm";
import { Field, FieldError, useReadOnly } from "./field";
import { Input, Textarea } from "./input";
import type { Saving } from "./saving";

interface FormFieldProps<T extends FieldValues, N extends FieldPath<T>> {
  control: Control<T>;
  name: N;
  label: ReactNode;
  hint?: ReactNode;
  required?: boolean;
  group?: boolean;
  aside?: ReactNode;
  className?: string;
  children: (field: ControllerRenderProps<T, N>) => ReactNode;
}

/** A field of a form with whatever control; its error stands below it. */
export function FormField<T extends FieldValues, N extends FieldPath<T>>({
  control,
  name,
  children,
  ...rest
}: FormFieldProps<T, N>) {
  const { field, fieldState } = useController({ control, name });
  return (
    <Field {...rest} error={messageOf(fieldState.error)}>
      {children(field)}
    </Field>
  );
}

/** The field's own refusal, or the first of what is inside it (a list's words, an object's fields). */
export function messageOf(error: unknown): string | undefined {
  if (!error || typeof error !== "object") return undefined;
  if ("message" in error && typeof error.message === "string" && error.message) return error.message;
  if ("root" in error) return messageOf(error.root);
  for (const [key, inner] of Object.entries(error)) {
    const message = key === "ref" ? undefined : messageOf(inner);
    if (message) return message;
  }
  return undefined;
}

type TextProps<T extends FieldValues, N extends FieldPath<T>> = Omit<FormFieldProps<T, N>, "children"> & {
  placeholder?: string;
  type?: "text" | "email" | "tel" | "url" | "number" | "password";
  autoComplete?: string;
  mono?: boolean;
  autoFocus?: boolean;
};

/** A line of text. */
export function TextField<T extends FieldValues, N extends FieldPath<T>>(props: TextProps<T, N>) {
  const { placeholder, type = "text", autoComplete, mono, autoFocus, ...rest } = props;
  return (
    <FormField {...rest}>
      {(field) => (
        <Input
          {...field}
          value={field.value ?? ""}
          type={type}
          placeholder={placeholder}
          autoFocus={autoFocus}
          className={mono ? "font-mono" : undefined}
          {...(autoComplete && { autoComplete })}
        />
      )}
    </FormField>
  );
}

/** Several lines of text. */
export function TextareaField<T extends FieldValues, N extends FieldPath<T>>(
  props: Omit<FormFieldProps<T, N>, "children"> & { placeholder?: string; rows?: number },
) {
  const { placeholder, rows, ...rest } = props;
  return (
    <FormField {...rest}>
      {(field) => <Textarea {...field} value={field.value ?? ""} placeholder={placeholder} rows={rows} />}
    </FormField>
  );
}

interface CheckboxFieldProps<T extends FieldValues, N extends FieldPath<T>> {
  control: Control<T>;
  name: N;
  label: ReactNode;
  hint?: ReactNode;
}

/** Yes or no. */
export function CheckboxField<T extends FieldValues, N extends FieldPath<T>>(props: CheckboxFieldProps<T, N>) {
  const { control, name, label, hint } = props;
  const { field, fieldState } = useController({ control, name });
  return (
    <div className="flex flex-col gap-1">
      <Checkbox checked={field.value === true} onChange={field.onChange} label={label} hint={hint} />
      <FieldError message={messageOf(fieldState.error)} />
    </div>
  );
}

interface FormProps<T extends FieldValues> {
  form: UseFormReturn<T, unknown, T>;
  saving: Saving;
  children: ReactNode;
  /** For a button elsewhere: `<button form={id}>`. */
  id?: string;
  className?: string;
}

/** The form with what was refused above its fields. */
export function Form<T extends FieldValues>({ form, saving, children, id, className }: FormProps<T>) {
  return (
    <form id={id} noValidate onSubmit={saving.onSubmit} aria-busy={form.formState.isSubmitting} className={className}>
      {saving.refusal && (
        <Banner tone="red" className="mb-4">
          <span className="whitespace-pre-line">{saving.refusal}</span>
        </Banner>
      )}
      {children}
    </form>
  );
}

interface FormActionsProps<T extends FieldValues> {
  form: UseFormReturn<T, unknown, T>;
  /** The name of the deed. */
  label?: string;
  onCancel?: () => void;
  /** The id of the form, when the buttons stand outside it. */
  formId?: string;
  /** Can be sent without a change: something new. */
  always?: boolean;
  /** Cancelling closes or leaves; otherwise it only takes the changes back. */
  leaves?: boolean;
}

/** Save and cancel. For those who may only look there is nothing. */
export function FormActions<T extends FieldValues>(props: FormActionsProps<T>) {
  const { form, label, onCancel, formId, always = false, leaves = always } = props;
  const { t } = useTranslation("ui");
  const { isDirty, isSubmitting } = form.formState;
  if (useReadOnly()) return null;
  return (
    <>
      {onCancel && (
        <Button onClick={onCancel} disabled={!leaves && !isDirty}>
          {t("cancel")}
        </Button>
      )}
      <Button variant="primary" type="submit" form={formId} loading={isSubmitting} disabled={!always && !isDirty}>
        {label ?? t("save")}
      </Button>
    </>
  );
}

/** Asks before what was typed is lost, by leaving the page or closing the tab. Returns the question for dialogs. */
export function useUnsaved(dirty: boolean): () => Promise<boolean> {
  const { t } = useTranslation("ui");
  const confirm = useConfirm();
  const mayLeave = useCallback(
    () =>
      confirm({
        title: t("unsaved_title"),
        text: t("unsaved_text"),
        confirm: t("discard"),
        cancel: t("keep_editing"),
        danger: true,
      }),
    [confirm, t],
  );
  useBlocker({
    // another search on the same page (a filter, a tab) loses nothing
    shouldBlockFn: async ({ current, next }) => dirty && current.pathname !== next.pathname && !(await mayLeave()),
    enableBeforeUnload: () => dirty,
  });
  return useCallback(() => (dirty ? mayLeave() : Promise.resolve(true)), [dirty, mayLeave]);
}
