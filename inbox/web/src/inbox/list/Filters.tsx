import { ArrowDownWideNarrow, ListFilter, X } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useAgents, useLabels } from "@/api/lookups";
import {
  Badge,
  Button,
  cx,
  Field,
  IconButton,
  Menu,
  MenuContent,
  MenuLabel,
  MenuRadio,
  MenuRadioGroup,
  MenuTrigger,
  Popover,
  PopoverContent,
  PopoverTrigger,
  Select,
} from "@/ui";
import { useSetSearch } from "../place";
import { FILTERS, type InboxSearch } from "../routes";
import { SORTS } from "../store/query";

/** Radix knows no empty value. */
const ANY = "any";

export const filtersOf = ({ status, channel, priority, label, assignee }: InboxSearch) =>
  Object.entries({ status: status?.length ? status : undefined, channel, priority, label, assignee }).filter(
    ([, value]) => value !== undefined,
  );

export function SortMenu({ search }: { search: InboxSearch }) {
  const { t } = useTranslation("inbox");
  const set = useSetSearch();
  const sort = search.sort ?? "newest";
  return (
    <Menu>
      <MenuTrigger asChild>
        <IconButton
          label={t("sort.label", { sort: t(`sort.${sort}`) })}
          icon={<ArrowDownWideNarrow />}
          className={cx(sort !== "newest" && "text-blue")}
        />
      </MenuTrigger>
      <MenuContent>
        <MenuLabel>{t("sort.title")}</MenuLabel>
        <MenuRadioGroup
          value={sort}
          onValueChange={(next) => set({ sort: next === "newest" ? undefined : (next as InboxSearch["sort"]) })}
        >
          {SORTS.map((one) => (
            <MenuRadio key={one} value={one}>
              {t(`sort.${one}`)}
            </MenuRadio>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  );
}

export function FilterMenu({ search }: { search: InboxSearch }) {
  const { t } = useTranslation("inbox");
  const set = useSetSearch();
  const labels = useLabels();
  const agents = useAgents();
  const count = filtersOf(search).length;
  const choice = <V extends string>(
    name: "channel" | "priority" | "label" | "assignee",
    options: readonly { value: V; label: string }[],
  ) => (
    <Field label={t(`filters.${name}`)}>
      <Select
        size="sm"
        value={search[name] ?? ANY}
        onChange={(value) => set({ [name]: value === ANY ? undefined : value } as Partial<InboxSearch>)}
        options={[{ value: ANY, label: t("filters.any") }, ...options]}
      />
    </Field>
  );
  const statuses = search.status ?? [];
  return (
    <Popover>
      <PopoverTrigger asChild>
        <IconButton
          label={count ? t("filters.active", { count }) : t("filters.title")}
          icon={<ListFilter />}
          className={cx(count > 0 && "text-blue")}
        />
      </PopoverTrigger>
      <PopoverContent align="end" className="flex w-72 flex-col gap-3" aria-label={t("filters.title")}>
        <Field label={t("filters.status")} group>
          <div className="flex flex-wrap gap-1.5">
            {FILTERS.STATUSES.map((status) => {
              const isOn = statuses.includes(status);
              return (
                <button
                  key={status}
                  type="button"
                  aria-pressed={isOn}
                  onClick={() =>
                    set({ status: isOn ? statuses.filter((one) => one !== status) : [...statuses, status] })
                  }
                  className={cx(
                    "rounded-full border px-2.5 py-0.5 text-xs",
                    isOn ? "border-brand bg-blue/12 text-blue" : "border-field text-muted hover:text-ink",
                  )}
                >
                  {t(`status.${status}`)}
                </button>
              );
            })}
          </div>
        </Field>
        {choice(
          "channel",
          FILTERS.CHANNELS.map((value) => ({ value, label: t(`channels.${value}`) })),
        )}
        {choice(
          "priority",
          FILTERS.PRIORITIES.map((value) => ({ value, label: t(`priority.${value}`) })),
        )}
        {labels.length > 0 &&
          choice(
            "label",
            labels.map(({ name }) => ({ value: name, label: name })),
          )}
        {agents.length > 0 &&
          choice(
            "assignee",
            agents.map(({ id, name }) => ({ value: id, label: name })),
          )}
        {count > 0 && (
          <Button size="sm" variant="ghost" icon={<X />} onClick={() => set(NOTHING)}>
            {t("filters.clear")}
          </Button>
        )}
      </PopoverContent>
    </Popover>
  );
}

const NOTHING = { status: undefined, channel: undefined, priority: undefined, label: undefined, assignee: undefined };

/** What narrows the list, each with its cross. */
export function ActiveFilters({ search }: { search: InboxSearch }) {
  const { t } = useTranslation("inbox");
  const set = useSetSearch();
  const agents = useAgents();
  const active = filtersOf(search);
  if (!active.length) return null;
  const text = (name: string, value: unknown): string => {
    if (name === "status") return (value as string[]).map((one) => t(`status.${one}`)).join(", ");
    if (name === "channel") return t(`channels.${String(value)}`);
    if (name === "priority") return t(`priority.${String(value)}`);
    if (name === "assignee") return agents.find((agent) => agent.id === value)?.name ?? t("filters.assignee");
    return String(value);
  };
  return (
    <div className="flex flex-wrap gap-1.5 px-3 pb-2">
      {active.map(([name, value]) => (
        <Badge key={name} tone="blue">
          <span className="inline-flex items-center gap-1">
            {text(name, value)}
            <button
              type="button"
              aria-label={t("filters.remove", { name: t(`filters.${name}`) })}
              onClick={() => set({ [name]: undefined })}
            >
              <X aria-hidden className="size-3" />
            </button>
          </span>
        </Badge>
      ))}
    </div>
  );
}
