import { useQuery } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import { api, data, page } from "@/api/client";
import { full } from "@/lib/time";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import { Badge, Button, useReadOnly } from "@/ui";
import type { Contact } from "./data";
import { Part } from "./Details";

/** Who was merged into the contact; for some time each can be taken back. */
export function Merges({ contact }: { contact: Contact }) {
  const { t, i18n } = useTranslation("people");
  const readOnly = useReadOnly();
  const attempt = useAttempt();
  const changed = useChanged();
  const { data: found } = useQuery({
    queryKey: ["contact-merges", contact.id],
    queryFn: () => page(api.GET("/v1/contacts/{id}/merges", { params: { path: { id: contact.id } } })),
  });
  if (!found?.data.length) return null;
  const undo = (id: string) =>
    attempt(async () => {
      await data(api.POST("/v1/contact-merges/{id}/undo", { params: { path: { id } } }));
      await changed(
        ["contact-merges", "contacts", "groups", "timeline", "contact-identifiers", "suppressions"],
        t("merge.undone"),
      );
    });
  return (
    <Part title={t("merge.history")}>
      <ul className="flex flex-col gap-1.5">
        {found.data.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="min-w-0 flex-1">
              {String(one.merged.name || one.merged.phone || one.merged.email || one.merged_id)}
              <span className="block text-xs text-faint">
                {one.undone_at
                  ? t("merge.undone_at", { time: full(one.undone_at, i18n.language) })
                  : t("merge.undo_until", { time: full(one.undo_until, i18n.language) })}
              </span>
            </span>
            {one.undone_at ? (
              <Badge>{t("merge.undone")}</Badge>
            ) : (
              !readOnly &&
              Date.parse(one.undo_until) > Date.now() && (
                <Button size="sm" icon={<Undo2 aria-hidden className="size-4" />} onClick={() => void undo(one.id)}>
                  {t("merge.undo")}
                </Button>
              )
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}
