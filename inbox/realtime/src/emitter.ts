type Handler = (payload: never, meta: never) => void;

/** Handlers by name. A handler that throws stops neither the others nor the connection. */
export class Emitter {
  readonly #handlers = new Map<string, Set<Handler>>();

  /** Returns what takes the handler off again. */
  on(name: string, handler: Handler): () => void {
    let all = this.#handlers.get(name);
    if (!all) this.#handlers.set(name, (all = new Set()));
    all.add(handler);
    return () => void all.delete(handler);
  }

  emit(name: string, payload?: unknown, meta?: unknown): void {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) {
      try {
        handler(payload as never, meta as never);
      } catch (error) {
        // as an uncaught error of its own, so that it is seen and reported like any other
        setTimeout(() => {
          throw error;
        });
      }
    }
  }
}
