import { useQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done, page } from "@/api/client";
import { ChannelIcon } from "@/inbox/channel";
import { channelOptions, type ChannelType } from "@/settings/common/channels";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import { Button, Dialog, Field, IconButton, Input, Select, useConfirm, useReadOnly } from "@/ui";
import type { Contact } from "./data";
import { Part } from "./Details";

/** Under which addresses the contact writes, by channel. */
export function Identifiers({ contact }: { contact: Contact }) {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const readOnly = useReadOnly();
  const confirm = useConfirm();
  const changed = useChanged();
  const [adding, setAdding] = useState(false);
  const query = { account_id: contact.account_id, filter: [`contact_id:eq:${contact.id}`], limit: 100 };
  const { data: found } = useQuery({
    queryKey: ["contact-identifiers", contact.id],
    queryFn: () => page(api.GET("/v1/contact-identifiers", { params: { query } })),
  });
  return (
    <Part
      title={t("identifiers.title")}
      action={
        !readOnly && (
          <Button size="sm" icon={<Plus aria-hidden className="size-4" />} onClick={() => setAdding(true)}>
            {t("identifiers.add")}
          </Button>
        )
      }
    >
      {found?.data.length === 0 && <p className="text-muted">{t("identifiers.empty")}</p>}
      <ul className="flex flex-col gap-1">
        {found?.data.map((one) => (
          <li key={one.id} className="flex min-h-8 items-center gap-2.5">
            <ChannelIcon type={one.channel_type} />
            <span className="min-w-0 flex-1 truncate">
              {one.identifier}
              {one.display_name && <span className="text-muted"> · {one.display_name}</span>}
            </span>
            {!readOnly && (
              <IconButton
                size="sm"
                label={t("identifiers.remove", { address: one.identifier })}
                icon={<Trash2 />}
                onClick={() =>
                  void confirm({
                    title: t("identifiers.remove_title", { address: one.identifier }),
                    text: t("identifiers.remove_text"),
                    confirm: settings("delete"),
                    danger: true,
                    action: async () => {
                      await done(api.DELETE("/v1/contact-identifiers/{id}", { params: { path: { id: one.id } } }));
                      await changed(["contact-identifiers"], settings("deleted"));
                    },
                  })
                }
              />
            )}
          </li>
        ))}
      </ul>
      {adding && <NewIdentifier contact={contact} onClose={() => setAdding(false)} />}
    </Part>
  );
}

function NewIdentifier({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const { t: ui } = useTranslation("ui");
  const changed = useChanged();
  const attempt = useAttempt();
  const [channel_type, setType] = useState<ChannelType>("telegram");
  const [identifier, setIdentifier] = useState("");
  const save = () =>
    attempt(async () => {
      const body = { contact_id: contact.id, channel_type, identifier: identifier.trim() };
      await data(api.POST("/v1/contact-identifiers", { body }));
      await changed(["contact-identifiers"]);
      onClose();
    });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("identifiers.add")}
      footer={
        <Button variant="primary" disabled={!identifier.trim()} onClick={() => void save()}>
          {ui("save")}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label={settings("fields.channel")}>
          <Select value={channel_type} onChange={setType} options={channelOptions(settings)} />
        </Field>
        <Field label={t("identifiers.address")} hint={t("identifiers.address_hint")} required>
          <Input
            value={identifier}
            onChange={(event) => setIdentifier(event.target.value)}
            onKeyDown={(event) => event.key === "Enter" && identifier.trim() && void save()}
          />
        </Field>
      </div>
    </Dialog>
  );
}
