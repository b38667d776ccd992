/** Longest stretch of work in one go, in milliseconds; a frame has 16. */
const SLICE_MS = 8;

/**
 * Collects what arrives and hands it on in batches, once a frame at most: a thousand events after a break become
 * a few renderings, and none of them keeps the page from answering a key.
 */
export class Pump<T> {
  #queue: T[] = [];
  #isScheduled = false;

  /** `apply` gets events in order until the time is up or there are no more. */
  constructor(readonly apply: (next: () => T | undefined) => void) {}

  push(event: T): void {
    this.#queue.push(event);
    this.#schedule();
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // frames stand still in a hidden tab, and its title and sounds must not
    if (document.hidden) setTimeout(this.#run, 100);
    else requestAnimationFrame(this.#run);
  }

  readonly #run = (): void => {
    this.#isScheduled = false;
    const events = this.#queue;
    const ends = performance.now() + SLICE_MS;
    let at = 0;
    this.apply(() => (at < events.length && (at === 0 || performance.now() < ends) ? events[at++] : undefined));
    // what came meanwhile stands behind what is left
    this.#queue = events.slice(at);
    if (this.#queue.length) this.#schedule();
  };
}
