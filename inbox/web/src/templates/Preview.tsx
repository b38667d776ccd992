import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useAccount } from "@/app/account";
import { ContactPicker } from "@/contacts/ContactPicker";
import { shownName, type Contact } from "@/contacts/data";
import { smsLength } from "@/lib/sms";
import { useSettled } from "@/lib/settled";
import { Card } from "@/settings/common/page";
import type { Mistake } from "@/settings/common/text-with-variables";
import { IconButton } from "@/ui";
import { mistakeOf, type Strategy } from "./data";

interface PreviewProps {
  body: string;
  strategy: Strategy;
  defaults: Record<string, string>;
  custom?: Record<string, string>;
  /** What the hub cannot read in the text as it stands. */
  onMistake?: (mistake: Mistake | null) => void;
}

/** What the text becomes as it is typed: with made-up values, or with those of a contact. */
export function Preview({ body, strategy, defaults, custom = {}, onMistake }: PreviewProps) {
  const { t } = useTranslation("sending");
  const { account, can } = useAccount();
  const [contact, setContact] = useState<Contact | null>(null);
  const asked = useSettled({
    body,
    fallback_strategy: strategy,
    default_values: defaults,
    custom_values: custom,
    contact_id: contact?.id ?? null,
  });
  const sample = useQuery({
    queryKey: ["templates", "preview", account.account_id, asked],
    queryFn: () => data(api.POST("/v1/templates/preview", { body: { ...asked, account_id: account.account_id } })),
    enabled: asked.body.trim() !== "",
    placeholderData: keepPreviousData,
    retry: false,
  });
  const { error } = sample;
  useEffect(() => onMistake?.(asked.body.trim() ? mistakeOf(error) : null), [error, asked.body]); // eslint-disable-line react-hooks/exhaustive-deps
  const text = sample.data?.body;
  return (
    <Card title={t("templates.sample")} text={contact ? undefined : t("templates.sample_text")}>
      {can("contacts.view") && (
        <div className="mb-3 flex items-center gap-1">
          <ContactPicker label={contact ? shownName(contact) : t("templates.for_contact")} onPick={setContact} />
          {contact && <IconButton label={t("templates.for_nobody")} icon={<X />} onClick={() => setContact(null)} />}
        </div>
      )}
      <div aria-live="polite">
        {!body.trim() || !sample.data ? (
          <p className="text-faint">{t("templates.nothing_yet")}</p>
        ) : (
          <>
            <p
              data-preview
              className="w-fit max-w-full rounded-2xl rounded-br-md bg-blue/12 px-3.5 py-2.5 break-words whitespace-pre-wrap"
            >
              {text ?? t("templates.skipped")}
            </p>
            {text && (
              <p className="mt-1.5 text-xs text-faint tabular-nums">
                {t("templates.segments", { count: smsLength(text).segments })}
              </p>
            )}
            {sample.data.unresolved.length > 0 && (
              <p className="mt-1.5 text-xs text-orange">
                {t("templates.unresolved", { names: sample.data.unresolved.join(", ") })}
              </p>
            )}
          </>
        )}
      </div>
    </Card>
  );
}
