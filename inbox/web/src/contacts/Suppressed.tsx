import { useQuery } from "@tanstack/react-query";
import { Ban } from "lucide-react";
import { useTranslation } from "react-i18next";

import { api, done, page } from "@/api/client";
import { useChanged } from "@/settings/common/hooks";
import { Ago } from "@/settings/common/time";
import { Badge, Button, useConfirm, useReadOnly } from "@/ui";
import type { Contact } from "./data";
import { Part } from "./Details";

/** Addresses of the contact that get no messages to many. */
export function Suppressed({ contact }: { contact: Contact }) {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const readOnly = useReadOnly();
  const confirm = useConfirm();
  const changed = useChanged();
  const query = { account_id: contact.account_id, filter: [`contact_id:eq:${contact.id}`], limit: 100 };
  const { data: found } = useQuery({
    queryKey: ["suppressions", contact.id],
    queryFn: () => page(api.GET("/v1/suppressions", { params: { query } })),
  });
  return (
    <Part title={t("suppressions.title")}>
      {found?.data.length === 0 && <p className="text-muted">{t("suppressions.none")}</p>}
      <ul className="flex flex-col gap-1.5">
        {found?.data.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-2">
            <Ban aria-hidden className="size-4 text-red" />
            <span className="min-w-0 truncate">{one.address}</span>
            <Badge>{settings(`channel_types.${one.channel_type}`)}</Badge>
            <Badge tone="orange">{t(`suppressions.reasons.${one.reason}`)}</Badge>
            <Ago at={one.created_at} />
            {!readOnly && (
              <Button
                size="sm"
                variant="ghost"
                className="ml-auto"
                onClick={() =>
                  void confirm({
                    title: t("suppressions.lift_title", { address: one.address }),
                    text: t("suppressions.lift_text"),
                    confirm: t("suppressions.lift"),
                    action: async () => {
                      await done(api.DELETE("/v1/suppressions/{id}", { params: { path: { id: one.id } } }));
                      await changed(["suppressions", "timeline"]);
                    },
                  })
                }
              >
                {t("suppressions.lift")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}
