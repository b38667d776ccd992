import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useSendingChannels } from "@/api/lookups";
import { ContactPicker } from "@/contacts/ContactPicker";
import { shownName, type Contact } from "@/contacts/data";
import { useOnce } from "@/lib/once";
import { Banner, Button, Dialog, Field, Input, Select, useToast } from "@/ui";
import type { GroupMessage } from "./data";

/** One message as a recipient would get it, to an address of one's own. */
export function TestSend({ message, onClose }: { message: GroupMessage; onClose: () => void }) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const toast = useToast();
  const once = useOnce();
  const channels = useSendingChannels();
  const [channel, setChannel] = useState("");
  const [address, setAddress] = useState("");
  const [contact, setContact] = useState<Contact | null>(null);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const isComplete = (address.trim() || contact) && (message.channel_id || channel);
  const send = async () => {
    setBusy(true);
    setRefusal(null);
    try {
      const body = {
        ...(address.trim() && { delivery_address: address.trim() }),
        ...(contact && { contact_id: contact.id }),
        ...(!message.channel_id && { channel_id: channel }),
      };
      const params = { path: { id: message.id } };
      const sent = await once(body, (sentOnce) =>
        data(api.POST("/v1/group-messages/{id}/test", { params, body, ...sentOnce })),
      );
      toast.success(t("test.sent", { address: sent.delivery_address }));
      onClose();
    } catch (error) {
      setRefusal((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("controls.test")}
      description={t("test.text")}
      footer={
        <Button variant="primary" loading={busy} disabled={!isComplete} onClick={() => void send()}>
          {t("test.send")}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        {refusal && <Banner tone="red">{refusal}</Banner>}
        {!message.channel_id && (
          <Field label={settings("fields.channel")} required>
            <Select
              value={channel}
              onChange={setChannel}
              placeholder={t("sending.choose_channel")}
              options={channels.map(({ id, name }) => ({ value: id, label: name }))}
            />
          </Field>
        )}
        <Field label={t("test.address")} hint={t("test.address_hint")}>
          <Input
            value={address}
            onChange={(event) => setAddress(event.target.value)}
            onKeyDown={(event) => event.key === "Enter" && isComplete && !busy && void send()}
          />
        </Field>
        <Field label={t("test.contact")} hint={t("test.contact_hint")} group>
          <ContactPicker label={contact ? shownName(contact) : t("test.choose_contact")} onPick={setContact} />
        </Field>
      </div>
    </Dialog>
  );
}
