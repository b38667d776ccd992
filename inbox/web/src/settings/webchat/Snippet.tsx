import { ExternalLink } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button, CopyField } from "@/ui";
import type { Channel } from "../channels/data";
import { Card } from "../common/page";

/** The lines that bring the chat to a page. */
export function Snippet({ channel }: { channel: Channel }) {
  const { t } = useTranslation("settings");
  const { public_key: key = "" } = channel.settings as { public_key?: string };
  // the hub's public address, which need not be the one in this browser
  const host = new URL(channel.webhook_url).origin;
  return (
    <Card
      title={t("webchat.snippet")}
      text={t("webchat.snippet_text")}
      aside={
        <Button size="sm" asChild>
          <a href={`/demo#${key}`} target="_blank" rel="noreferrer">
            <ExternalLink aria-hidden className="size-4" />
            {t("webchat.try")}
          </a>
        </Button>
      }
    >
      <CopyField
        label={t("webchat.code")}
        text={`<script src="${host}/widget.js" data-key="${key}" async></script>`}
        multiline
        hint={t("webchat.snippet_hint")}
      />
    </Card>
  );
}
