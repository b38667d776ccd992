import { Link } from "@tanstack/react-router";
import { Contact as ContactIcon, Download, Plus, Upload } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useAccount } from "@/app/account";
import { download } from "@/lib/download";
import { useAttempt, useOpened } from "@/settings/common/hooks";
import { ListView } from "@/settings/common/list-page";
import { Opened } from "@/settings/common/opened";
import { PageHeader } from "@/settings/common/page";
import { Button, EmptyState, formatFilter, useReadOnly, type ListState } from "@/ui";
import { BulkBar } from "./BulkBar";
import { useContactColumns } from "./columns";
import { ContactForm } from "./ContactForm";
import { ContactSheet } from "./ContactSheet";
import { contacts, shownName, useContactFields, type Contact } from "./data";

export function ContactsPage() {
  const { t } = useTranslation("people");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const columns = useContactColumns();
  const fields = useContactFields("list");
  const add = !readOnly && (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t("contacts.add")}
    </Button>
  );
  const importing = !readOnly && (
    <Button asChild>
      <Link to="/contact-imports/new">
        <Upload aria-hidden className="size-4" />
        {t("contacts.import")}
      </Link>
    </Button>
  );
  return (
    <>
      <PageHeader
        back={null}
        title={t("contacts.title")}
        text={t("contacts.text")}
        actions={
          <>
            {importing}
            {add}
          </>
        }
      />
      <ListView<Contact>
        name="contacts"
        label={t("contacts.title")}
        columns={columns}
        rowId={(contact) => contact.id}
        searchField="name"
        filters={fields}
        sort={{ field: "created_at", desc: true }}
        limit={25}
        chooseColumns
        tools={(state) => <Export state={state} />}
        read={contacts.list}
        onRowClick={(contact) => open(contact.id)}
        {...(!readOnly && {
          bulk: {
            nameOf: shownName,
            beyondPage: true,
            actions: (ids, clear) => <BulkBar ids={ids} onDone={clear} />,
          },
        })}
        empty={
          <EmptyState
            icon={<ContactIcon />}
            title={t("contacts.empty")}
            text={t("contacts.empty_text")}
            action={
              <>
                {importing}
                {add}
              </>
            }
          />
        }
      />
      <Opened id={opened} kind="contacts" title={t("contacts.one")} onClose={() => open(null)} read={contacts.one}>
        {(contact) =>
          contact ? (
            <ContactSheet contact={contact} onOpen={open} />
          ) : (
            <ContactForm contact={null} onClose={() => open(null)} onSaved={(stored) => open(stored.id)} />
          )
        }
      </Opened>
    </>
  );
}

/** The list as it is narrowed, as a file. */
function Export({ state }: { state: ListState }) {
  const { t } = useTranslation("people");
  const { account } = useAccount();
  const attempt = useAttempt();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    const query = new URLSearchParams({ account_id: account.account_id });
    for (const filter of state.filters) query.append("filter", formatFilter(filter));
    if (state.q) query.append("filter", `name:icontains:${state.q}`);
    setBusy(true);
    await attempt(() => download(`/v1/contacts/export.csv?${query}`, "contacts.csv"));
    setBusy(false);
  };
  return (
    <Button loading={busy} icon={<Download aria-hidden className="size-4" />} onClick={() => void save()}>
      {t("contacts.export")}
    </Button>
  );
}
