import { useQueries } from "@tanstack/react-query";
import type { Conversation } from "@turumba/realtime";
import { FileText, Send } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useTemplates, type Template } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { Button, Combobox, Dialog, EmptyState, Field, Input } from "@/ui";
import { fillIn, written, type Approved } from "./approved";

interface TemplatePickerProps {
  one: Conversation;
  onSend: (approved: Approved) => void;
}

/** What can still be sent when the customer wrote too long ago: a template that the provider approved. */
export function TemplatePicker({ one, onSend }: TemplatePickerProps) {
  const { t } = useTranslation("inbox");
  const { can } = useAccount();
  const [open, setOpen] = useState(false);
  if (!can("templates.view")) return null;
  return (
    <>
      <Button
        size="sm"
        variant="primary"
        className="mt-2"
        icon={<FileText aria-hidden className="size-4" />}
        onClick={() => setOpen(true)}
      >
        {t("approved.open")}
      </Button>
      {open && <Choice one={one} onSend={onSend} onClose={() => setOpen(false)} />}
    </>
  );
}

function Choice({ one, onSend, onClose }: TemplatePickerProps & { onClose: () => void }) {
  const { t } = useTranslation("inbox");
  const [id, setId] = useState("");
  const [typed, setTyped] = useState<Record<string, string>>({});
  const templates = useTemplates().filter(
    (template) =>
      template.is_active && template.approval_status === "approved" && template.channel_type === one.channel_type,
  );
  const template = templates.find((each) => each.id === id);
  const known = useKnown(template, one);
  const values = { ...known, ...typed };
  const isWhole = template?.variables.every((name) => values[name]?.trim());
  const send = () => {
    if (!template || !isWhole) return;
    onSend(fillIn(template, values));
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("approved.title")}
      description={t("approved.text")}
      footer={
        <Button variant="primary" icon={<Send aria-hidden className="size-4" />} disabled={!isWhole} onClick={send}>
          {t("composer.send")}
        </Button>
      }
    >
      {templates.length === 0 ? (
        <EmptyState icon={<FileText />} title={t("approved.none")} text={t("approved.none_text")} />
      ) : (
        <div className="flex flex-col gap-4">
          <Field label={t("approved.template")}>
            <Combobox
              value={id}
              placeholder={t("approved.choose")}
              options={templates.map(({ id: value, name, language }) => ({ value, label: name, hint: language ?? "" }))}
              onChange={(next) => {
                setId(next);
                setTyped({});
              }}
            />
          </Field>
          {template?.variables.map((name) => (
            <Field key={name} label={name} required>
              <Input
                value={values[name] ?? ""}
                onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
              />
            </Field>
          ))}
          {template && (
            <p
              dir="auto"
              className="w-fit max-w-full rounded-2xl rounded-br-md bg-own px-3.5 py-2.5 break-words whitespace-pre-wrap text-on-own"
            >
              {fillIn(template, values).content}
            </p>
          )}
        </div>
      )}
    </Dialog>
  );
}

/** What the hub knows of the template's variables for this customer. */
function useKnown(template: Template | undefined, one: Conversation): Record<string, string> {
  const names = template?.variables ?? [];
  const found = useQueries({
    queries: names.map((name) => ({
      queryKey: ["templates", "value", template?.id, one.id, name],
      queryFn: () => {
        const body = { account_id: one.account_id, message_body: written(name), contact_id: one.contact.id };
        return data(api.POST("/v1/messages/render", { body }));
      },
      retry: false,
    })),
  });
  return Object.fromEntries(
    names.map((name, at) => {
      const told = found[at]?.data;
      const value = told && told.unresolved.length === 0 ? (told.body ?? "") : "";
      return [name, value || String(template?.default_values[name] ?? "")];
    }),
  );
}
