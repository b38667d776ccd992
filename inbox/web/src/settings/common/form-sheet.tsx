import type { ReactNode } from "react";
import type { FieldValues, UseFormReturn } from "react-hook-form";

import { Dialog, Form, FormActions, Sheet, useUnsaved } from "@/ui";

interface FormSheetProps<T extends FieldValues> {
  /** The id of the form in the page. */
  id: string;
  title: string;
  description?: ReactNode;
  form: UseFormReturn<T, unknown, T>;
  saving: Parameters<typeof Form<T>>[0]["saving"];
  onClose: () => void;
  /** Something new: it may be sent without a change. */
  isNew: boolean;
  label?: string;
  /** A small form stands in the middle, a larger one at the edge. */
  small?: boolean;
  /** Its fields need more room. */
  wide?: boolean;
  children: ReactNode;
  /** Below the form, with forms of their own. */
  after?: ReactNode;
}

/** A form beside its list. Closing it asks before anything typed is lost. */
export function FormSheet<T extends FieldValues>(props: FormSheetProps<T>) {
  const { id, title, description, form, saving, onClose, isNew, label, small, wide, children, after } = props;
  const mayClose = useUnsaved(form.formState.isDirty);
  const close = async () => {
    if (await mayClose()) onClose();
  };
  const Panel = small ? Dialog : Sheet;
  return (
    <Panel
      open
      onOpenChange={() => void close()}
      title={title}
      description={description}
      {...(wide && { className: "w-[min(48rem,100vw)]" })}
      footer={
        <FormActions
          form={form}
          formId={id}
          onCancel={() => void close()}
          always={isNew}
          leaves
          {...(label && { label })}
        />
      }
    >
      <Form form={form} saving={saving} id={id} className="flex flex-col gap-4">
        {children}
      </Form>
      {after}
    </Panel>
  );
}
