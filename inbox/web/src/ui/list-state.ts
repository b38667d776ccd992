import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

/** One condition of a list: `field:op:value`, as the REST API takes it. */
export interface Filter {
  field: string;
  op: string;
  value: string;
}

/** Where one is in a list. It lives in the address, so that back and forward work and a link shows the same. */
export interface ListState {
  filters: Filter[];
  sort: { field: string; desc: boolean } | null;
  /** From 1. */
  page: number;
  limit: number;
  /** The cursor that the page begins behind, where page numbers do not reach. */
  after: string | null;
  /** What is typed into the search box. */
  q: string;
}

export const PAGE_SIZES = [10, 25, 50, 100];
const DEFAULT_LIMIT = 10;

export function parseFilter(text: string): Filter | null {
  const [field, op, ...rest] = text.split(":");
  return field && op ? { field, op, value: rest.join(":") } : null;
}

export function formatFilter({ field, op, value }: Filter): string {
  return `${field}:${op}:${value}`;
}

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === "string");

const whole = (value: unknown, least: number, most: number): number | null => {
  const number = Number(texts(value)[0]);
  return Number.isInteger(number) && number >= least && number <= most ? number : null;
};

export function listStateOf(search: Record<string, unknown>, limit = DEFAULT_LIMIT): ListState {
  const [field, order] = (texts(search.sort)[0] ?? "").split(":");
  return {
    filters: texts(search.filter)
      .map(parseFilter)
      .filter((filter) => filter !== null),
    sort: field ? { field, desc: order === "desc" } : null,
    page: whole(search.page, 1, 100_000) ?? 1,
    limit: whole(search.limit, 1, 1000) ?? limit,
    after: texts(search.after)[0] ?? null,
    q: texts(search.q)[0] ?? "",
  };
}

/** The state as search parameters; what is as usual is left out. */
export function searchOf(state: ListState, limit = DEFAULT_LIMIT): Record<string, string | string[] | undefined> {
  return {
    filter: state.filters.length ? state.filters.map(formatFilter) : undefined,
    sort: state.sort ? `${state.sort.field}:${state.sort.desc ? "desc" : "asc"}` : undefined,
    page: state.page > 1 ? String(state.page) : undefined,
    limit: state.limit === limit ? undefined : String(state.limit),
    after: state.after ?? undefined,
    q: state.q || undefined,
  };
}

/** The state as the query of a list of the REST API. */
export function listQuery(state: ListState, more: string[] = []) {
  return {
    filter: [...state.filters.map(formatFilter), ...more],
    ...(state.sort && { sort: [`${state.sort.field}:${state.sort.desc ? "desc" : "asc"}`] }),
    ...(state.after ? { cursor: state.after } : { skip: (state.page - 1) * state.limit }),
    limit: state.limit,
  };
}

export type SetListState = (change: Partial<ListState>) => void;

/** The list's state in the address of the page, and how it is changed. A change of anything goes to page 1. */
export function useListState(limit = DEFAULT_LIMIT): [ListState, SetListState] {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const state = useMemo(() => listStateOf(search, limit), [search, limit]);
  const set = useCallback<SetListState>(
    (change) => {
      const next = { ...state, page: 1, after: null, ...change };
      void navigate({
        to: ".",
        search: ((before: Record<string, unknown>) => ({ ...before, ...searchOf(next, limit) })) as never,
        // typing into a box is one step back, not one for every letter
        replace: "q" in change,
      });
    },
    [navigate, state, limit],
  );
  return [state, set];
}
