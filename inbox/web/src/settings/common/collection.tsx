import { Plus } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Button, columnsOf, EmptyState, useReadOnly, type Columns, type FilterField, type ListState } from "@/ui";
import { useChanged, useOpened } from "./hooks";
import { ListView, type ListAnswer, type ListParams } from "./list-page";
import { Opened } from "./opened";
import { PageHeader } from "./page";
import { RowMenu } from "./row-menu";

interface Thing {
  id: string;
}

interface CollectionProps<T extends Thing> {
  /** The first part of the queries' keys, and the name of the section. */
  kind: "labels" | "canned-responses" | "teams" | "roles";
  /** Where the texts of the page stand: `add`, `edit`, `text`, `empty`, `empty_text`, `delete_title`, `delete_text`. */
  texts: "labels" | "canned" | "teams" | "roles";
  icon: ReactNode;
  columns: Columns<T>;
  nameOf: (thing: T) => string;
  searchField?: string;
  filters?: readonly FilterField[];
  sort: NonNullable<ListState["sort"]>;
  list: (query: ListParams) => Promise<ListAnswer<T>>;
  one: (id: string) => Promise<T>;
  remove: (id: string) => Promise<void>;
  /** Whether it can be deleted; all can if nothing is said. */
  canDelete?: (thing: T) => boolean;
  /** Its form is small and stands in the middle. */
  small?: boolean;
  /** The form for one of them; `null` is something new. `open` shows another one in its place, or none. */
  children: (thing: T | null, open: (id: string | null) => void) => ReactNode;
}

/** A page for things of one kind: their list, a form beside it, a menu at each of them. */
export function Collection<T extends Thing>(props: CollectionProps<T>) {
  const { kind, texts, icon, columns, nameOf, searchField, filters, sort, list, one, remove, small, children } = props;
  const canDelete = props.canDelete ?? everything;
  const { t } = useTranslation("settings");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const changed = useChanged();
  const all = useMemo(() => {
    const actions = columnsOf<T>().display({
      id: "actions",
      header: () => <span className="sr-only">{t("actions")}</span>,
      meta: { align: "end" },
      cell: ({ row: { original } }) => (
        <RowMenu
          name={nameOf(original)}
          onOpen={() => open(original.id)}
          {...(canDelete(original) && {
            onDelete: {
              title: t(`${texts}.delete_title`, { name: nameOf(original) }),
              text: t(`${texts}.delete_text`),
              action: async () => {
                await remove(original.id);
                await changed([kind], t("deleted"));
              },
            },
          })}
        />
      ),
    });
    return [...columns, actions] as Columns<T>;
    // what a page hands in besides its columns does the same each time
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [columns, t, open, changed]);
  const add = !readOnly && (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t(`${texts}.add`)}
    </Button>
  );
  return (
    <>
      <PageHeader title={t(`sections.${kind}`)} text={t(`${texts}.text`)} actions={add} />
      <ListView<T>
        name={kind}
        label={t(`sections.${kind}`)}
        columns={all as Columns<T & object>}
        rowId={(thing) => thing.id}
        {...(searchField && { searchField })}
        {...(filters && { filters })}
        sort={sort}
        read={list}
        onRowClick={(thing) => open(thing.id)}
        empty={<EmptyState icon={icon} title={t(`${texts}.empty`)} text={t(`${texts}.empty_text`)} action={add} />}
      />
      <Opened
        id={opened}
        kind={kind}
        title={t(`${texts}.edit`)}
        {...(small && { small })}
        onClose={() => open(null)}
        read={one}
      >
        {(thing) => children(thing, open)}
      </Opened>
    </>
  );
}

const everything = () => true;
