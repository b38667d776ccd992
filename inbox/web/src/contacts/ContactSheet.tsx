import { Link } from "@tanstack/react-router";
import { GitMerge, Pencil, Send } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, done } from "@/api/client";
import { useAccount } from "@/app/account";
import { useChanged } from "@/settings/common/hooks";
import { RowMenu } from "@/settings/common/row-menu";
import { Badge, Button, MenuItem, Sheet, Tab, TabList, TabPanel, Tabs, useReadOnly } from "@/ui";
import { ContactForm } from "./ContactForm";
import { shownName, type Contact } from "./data";
import { Details } from "./Details";
import { MergeDialog } from "./MergeDialog";
import { Timeline } from "./Timeline";

/** All that is known of one contact, beside the list. `onOpen` shows another one in its place, or none. */
export function ContactSheet({ contact, onOpen }: { contact: Contact; onOpen: (id: string | null) => void }) {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const readOnly = useReadOnly();
  const changed = useChanged();
  const { can } = useAccount();
  const [shown, show] = useState<"sheet" | "form" | "merge">("sheet");
  const name = shownName(contact);
  if (shown === "form") {
    return (
      <ContactForm
        contact={contact}
        onClose={() => show("sheet")}
        onSaved={() => show("sheet")}
      />
    );
  }
  return (
    <Sheet
      open
      onOpenChange={() => onOpen(null)}
      title={
        <span className="flex flex-wrap items-center gap-2">
          {name}
          {!contact.is_active && <Badge>{settings("inactive")}</Badge>}
        </span>
      }
      className="w-[min(38rem,100vw)]"
    >
      {!readOnly && (
        <div className="mb-3 flex items-center gap-2">
          <Button size="sm" icon={<Pencil aria-hidden className="size-4" />} onClick={() => show("form")}>
            {settings("edit")}
          </Button>
          {can("messages.send") && (
            <Button size="sm" asChild>
              <Link to="/messages/new" search={{ contact: contact.id } as never}>
                <Send aria-hidden className="size-4" />
                {t("contacts.write")}
              </Link>
            </Button>
          )}
          <RowMenu
            name={name}
            onDelete={{
              title: t("contacts.delete_title", { name }),
              text: t("contacts.delete_text"),
              action: async () => {
                await done(api.DELETE("/v1/contacts/{id}", { params: { path: { id: contact.id } } }));
                onOpen(null);
                await changed(["contacts", "groups"], settings("deleted"));
              },
            }}
          >
            <MenuItem icon={<GitMerge aria-hidden />} onSelect={() => show("merge")}>
              {t("merge.open")}
            </MenuItem>
          </RowMenu>
        </div>
      )}
      <Tabs defaultValue="details">
        <TabList label={name}>
          <Tab value="details">{t("contacts.details")}</Tab>
          <Tab value="timeline">{t("timeline.title")}</Tab>
        </TabList>
        <TabPanel value="details">
          <Details contact={contact} />
        </TabPanel>
        <TabPanel value="timeline">
          <Timeline contact={contact} />
        </TabPanel>
      </Tabs>
      {shown === "merge" && <MergeDialog survivor={contact} onClose={() => show("sheet")} />}
    </Sheet>
  );
}
