import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Megaphone, Pencil, UserMinus, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useAccount } from "@/app/account";
import { api, data, page } from "@/api/client";
import type { Group } from "@/api/lookups";
import { ContactPicker } from "@/contacts/ContactPicker";
import { useContactColumns } from "@/contacts/columns";
import { shownName, useContactFields, type Contact } from "@/contacts/data";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import { ListView } from "@/settings/common/list-page";
import { Loaded } from "@/settings/common/loaded";
import { PageHeader } from "@/settings/common/page";
import { Badge, Button, EmptyState, Tab, TabList, TabPanel, Tabs, useReadOnly } from "@/ui";
import { GroupForm } from "./GroupForm";
import { readGroup } from "./GroupsPage";
import { PersonMembers } from "./PersonMembers";

/** A group with its members. */
export function GroupPage() {
  const { groupId } = useParams({ strict: false }) as { groupId: string };
  return (
    <Loaded of={["groups", groupId]} read={() => readGroup(groupId)}>
      {(group) => <Page group={group} />}
    </Loaded>
  );
}

function Page({ group }: { group: Group }) {
  const { t } = useTranslation("people");
  const { t: settings } = useTranslation("settings");
  const readOnly = useReadOnly();
  const { can } = useAccount();
  const navigate = useNavigate();
  const { tab } = useSearch({ strict: false }) as { tab?: string };
  const [editing, setEditing] = useState(false);
  return (
    <>
      <PageHeader
        back={{ to: "/groups", label: t("groups.title") }}
        title={group.name}
        text={group.description}
        badge={<Badge icon={<Users aria-hidden />}>{t("groups.count", { count: group.member_count })}</Badge>}
        actions={
          !readOnly && (
            <>
              {can("group_messages.send") && (
                <Button
                  icon={<Megaphone aria-hidden className="size-4" />}
                  onClick={() => void navigate({ to: "/group-messages/new", search: { group: group.id } as never })}
                >
                  {t("groups.write")}
                </Button>
              )}
              <Button icon={<Pencil aria-hidden className="size-4" />} onClick={() => setEditing(true)}>
                {settings("edit")}
              </Button>
            </>
          )
        }
      />
      <Tabs
        value={tab === "persons" ? "persons" : "contacts"}
        // the lists' own filters do not fit each other
        onValueChange={(next) => void navigate({ to: ".", search: (next === "persons" ? { tab: next } : {}) as never })}
      >
        <TabList label={t("groups.members")}>
          <Tab value="contacts">{t("groups.contacts", { count: group.contact_count })}</Tab>
          <Tab value="persons">{t("groups.persons", { count: group.person_count })}</Tab>
        </TabList>
        <TabPanel value="contacts">
          <ContactMembers group={group} />
        </TabPanel>
        <TabPanel value="persons">
          <PersonMembers group={group} />
        </TabPanel>
      </Tabs>
      {editing && <GroupForm group={group} onClose={() => setEditing(false)} />}
    </>
  );
}

function ContactMembers({ group }: { group: Group }) {
  const { t } = useTranslation("people");
  const readOnly = useReadOnly();
  const navigate = useNavigate();
  const attempt = useAttempt();
  const changed = useChanged();
  const columns = useContactColumns();
  const fields = useContactFields("list").filter(({ name }) => name !== "group_id");
  const params = { path: { id: group.id } };
  const kinds = ["groups", "group-contacts", "timeline"];
  const add = !readOnly && (
    <ContactPicker
      label={t("groups.add_contact")}
      onPick={(contact) =>
        void attempt(async () => {
          await data(api.POST("/v1/groups/{id}/contacts", { params, body: { contact_ids: [contact.id] } }));
          await changed(kinds);
        })
      }
    />
  );
  return (
    <ListView<Contact>
      name="group-contacts"
      of={[group.id]}
      label={t("contacts.title")}
      columns={columns}
      rowId={(contact) => contact.id}
      searchField="name"
      filters={fields}
      sort={{ field: "created_at", desc: true }}
      limit={25}
      chooseColumns
      tools={() => add}
      read={(query) => page(api.GET("/v1/groups/{id}/contacts", { params: { ...params, query } }))}
      onRowClick={({ id }) => void navigate({ to: "/contacts", search: { open: id } as never })}
      {...(!readOnly && {
        bulk: {
          nameOf: shownName,
          actions: (ids, clear) => (
            <Button
              size="sm"
              icon={<UserMinus aria-hidden className="size-4" />}
              onClick={() =>
                void attempt(async () => {
                  const body = { contact_ids: ids };
                  const told = await data(api.POST("/v1/groups/{id}/contacts/remove", { params, body }));
                  await changed(kinds, t("groups.left", { count: told.changed }));
                  clear();
                })
              }
            >
              {t("groups.take_out")}
            </Button>
          ),
        },
      })}
      empty={
        <EmptyState icon={<Users />} title={t("groups.no_members")} text={t("groups.no_members_text")} action={add} />
      }
    />
  );
}
