import { useSyncExternalStore } from "react";

/** State that lives outside React: components subscribe to what they select, and are told once per batch. */
export abstract class External {
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  protected notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What `select` finds; it must give the same value again while nothing has changed. */
export function useExternal<S extends External, T>(store: S, select: (store: S) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store));
}
