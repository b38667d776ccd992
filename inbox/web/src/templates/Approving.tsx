import { Send } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useChannels } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import { Card } from "@/settings/common/page";
import { Button, Field, Select, useReadOnly } from "@/ui";
import type { Template } from "./data";
import { Approval } from "./TemplatesPage";

/** How the provider stands to the template, and handing it in there. */
export function Approving({ template }: { template: Template }) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const { can } = useAccount();
  const readOnly = useReadOnly();
  const channels = useChannels().filter((one) => one.channel_type === "whatsapp");
  const attempt = useAttempt();
  const changed = useChanged();
  const [chosen, setChosen] = useState("");
  const [busy, setBusy] = useState(false);
  const channel_id = chosen || channels[0]?.id;
  const submit = async () => {
    if (!channel_id) return;
    setBusy(true);
    await attempt(async () => {
      const params = { path: { id: template.id } };
      await data(api.POST("/v1/templates/{id}/submit", { params, body: { channel_id } }));
      await changed(["templates"], t("templates.submitted"));
    });
    setBusy(false);
  };
  return (
    <Card title={t("templates.approval")} text={t("templates.approval_text")}>
      <p className="mb-3">
        <Approval template={template} />
      </p>
      {!readOnly && can("channels.manage") && template.approval_status !== "approved" && channels.length > 0 && (
        <div className="flex flex-col gap-3">
          {channels.length > 1 && (
            <Field label={settings("fields.channel")}>
              <Select
                value={channel_id ?? ""}
                onChange={setChosen}
                options={channels.map(({ id, name }) => ({ value: id, label: name }))}
              />
            </Field>
          )}
          <Button
            className="self-start"
            loading={busy}
            icon={<Send aria-hidden className="size-4" />}
            onClick={() => void submit()}
          >
            {t("templates.submit")}
          </Button>
        </div>
      )}
      {channels.length === 0 && <p className="text-muted">{t("templates.no_whatsapp")}</p>}
    </Card>
  );
}
