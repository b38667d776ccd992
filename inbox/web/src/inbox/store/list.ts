import type { Conversation, Id } from "@turumba/realtime";

import { compare, fits, type ListQuery, type Viewer } from "./query";

export type Lookup = (id: Id) => Conversation | undefined;

/**
 * The order of one list. It holds the pages that were read and follows what happens; a conversation beyond the
 * last page that was read is left to the page that will bring it.
 */
export class List {
  /** Replaced, never changed in place, so that readers may compare it. */
  ids: readonly Id[] = [];
  phase: "loading" | "ready" | "failed" = "loading";
  loadingMore = false;
  /** Of the next page; null when everything was read. */
  cursor: string | null = null;
  readonly #members = new Set<Id>();

  constructor(
    readonly query: ListQuery,
    readonly lookup: Lookup,
  ) {}

  get isComplete(): boolean {
    return this.phase === "ready" && this.cursor === null;
  }

  has(id: Id): boolean {
    return this.#members.has(id);
  }

  /** Takes a page; the first one replaces what was there. */
  take(page: readonly Conversation[], cursor: string | null, isFirst: boolean): void {
    if (isFirst) {
      this.ids = [];
      this.#members.clear();
    }
    const ids = [...this.ids];
    for (const one of page) {
      if (this.#members.has(one.id)) continue;
      this.#members.add(one.id);
      this.#insert(ids, this.lookup(one.id) ?? one);
    }
    this.ids = ids;
    this.cursor = cursor;
    this.phase = "ready";
    this.loadingMore = false;
  }

  /** Follows changes of these conversations. Returns whether the order changed. */
  follow(changed: readonly Conversation[], viewer: Viewer): boolean {
    const concerned = changed
      .map((one) => ({ one, wasMember: this.#members.has(one.id) }))
      .map((it) => ({ ...it, belongs: fits(it.one, this.query, viewer, it.wasMember) }))
      .filter(({ wasMember, belongs }) => wasMember || belongs);
    if (!concerned.length) return false;
    // all of them are taken out before any is put back: each place is found among those that are in order
    const out = new Set(concerned.map(({ one }) => one.id));
    const ids = this.ids.filter((id) => !out.has(id));
    for (const { one, wasMember, belongs } of concerned) {
      this.#members.delete(one.id);
      if (!belongs) continue;
      const at = this.#place(ids, one);
      // a member never drops out by moving down; a newcomer below the last page comes with that page
      if (!wasMember && at === ids.length && !this.isComplete) continue;
      ids.splice(at, 0, one.id);
      this.#members.add(one.id);
    }
    // most changes move nothing, and then nothing is to be drawn anew
    if (ids.length === this.ids.length && ids.every((id, at) => id === this.ids[at])) return false;
    this.ids = ids;
    return true;
  }

  drop(id: Id): boolean {
    if (!this.#members.delete(id)) return false;
    this.ids = this.ids.filter((one) => one !== id);
    return true;
  }

  #insert(ids: Id[], one: Conversation): void {
    ids.splice(this.#place(ids, one), 0, one.id);
  }

  #place(ids: readonly Id[], one: Conversation): number {
    const sort = this.query.sort ?? "newest";
    let low = 0;
    let high = ids.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.lookup(ids[middle]!);
      if (other && compare(other, one, sort) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
