import { useQuery } from "@tanstack/react-query";
import { UserMinus, UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";

import { api, data, page } from "@/api/client";
import type { Group } from "@/api/lookups";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import { ListView } from "@/settings/common/list-page";
import { Button, Combobox, EmptyState, useReadOnly } from "@/ui";
import { usePersonColumns, type Person } from "./PersonsPage";

/** The persons of a group. */
export function PersonMembers({ group }: { group: Group }) {
  const { t } = useTranslation("people");
  const readOnly = useReadOnly();
  const attempt = useAttempt();
  const changed = useChanged();
  const columns = usePersonColumns();
  const params = { path: { id: group.id } };
  const kinds = ["groups", "group-persons"];
  const { data: persons } = useQuery({
    queryKey: ["persons", "all", group.account_id],
    queryFn: () =>
      page(
        api.GET("/v1/persons", {
          params: { query: { account_id: group.account_id, limit: 1000, sort: ["name:asc"] } },
        }),
      ),
    select: (told) => told.data,
    enabled: !readOnly,
  });
  const add = !readOnly && (
    <Combobox
      label={t("groups.add_person")}
      placeholder={t("groups.add_person")}
      value=""
      className="w-56"
      options={(persons ?? []).map(({ id, name, phone, email }) => ({
        value: id,
        label: name,
        hint: phone ?? email ?? "",
      }))}
      onChange={(id) =>
        void attempt(async () => {
          await data(api.POST("/v1/groups/{id}/persons", { params, body: { person_ids: [id] } }));
          await changed(kinds);
        })
      }
    />
  );
  return (
    <ListView<Person>
      name="group-persons"
      of={[group.id]}
      label={t("persons.title")}
      columns={columns}
      rowId={(person) => person.id}
      searchField="name"
      sort={{ field: "name", desc: false }}
      limit={25}
      tools={() => add}
      read={(query) => page(api.GET("/v1/groups/{id}/persons", { params: { ...params, query } }))}
      {...(!readOnly && {
        bulk: {
          nameOf: (person) => person.name,
          actions: (ids, clear) => (
            <Button
              size="sm"
              icon={<UserMinus aria-hidden className="size-4" />}
              onClick={() =>
                void attempt(async () => {
                  const body = { person_ids: ids };
                  const told = await data(api.POST("/v1/groups/{id}/persons/remove", { params, body }));
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
      empty={<EmptyState icon={<UserRound />} title={t("groups.no_persons")} action={add} />}
    />
  );
}
