import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { useReadOnly } from "@/ui";
import { ContactPicker } from "./ContactPicker";
import { contacts, shownName } from "./data";

/** The contact of a form by its id, and how another one is chosen. */
export function ChosenContact({ id, onPick }: { id: string; onPick: (id: string) => void }) {
  const { t } = useTranslation("sending");
  const readOnly = useReadOnly();
  const { data: contact } = useQuery({
    queryKey: ["contacts", id],
    queryFn: () => contacts.one(id),
    enabled: id !== "",
  });
  const name = contact ? shownName(contact) : t("test.choose_contact");
  return (
    <span className="self-start">
      {readOnly ? name : <ContactPicker label={name} onPick={(chosen) => onPick(chosen.id)} />}
    </span>
  );
}
