import type { Id, Meta } from "./events";

/** Up to where each log has been read: the memory by which a connection goes on after a break. */
export class Positions {
  epoch: Id | undefined;
  readonly #seqs = new Map<string, number>();

  get(log: string): number | undefined {
    return this.#seqs.get(log);
  }

  /** What the server says it is, also when that is less. */
  set(log: string, seq: number): void {
    this.#seqs.set(log, seq);
  }

  /** What was learnt beside the stream, for example from an acknowledgement: it never goes back. */
  advance(log: string, seq: number): void {
    if (seq > (this.#seqs.get(log) ?? -1)) this.#seqs.set(log, seq);
  }

  forget(log: string): void {
    this.#seqs.delete(log);
  }

  /** Whether an entry is news; it is remembered. */
  accept(meta: Meta): boolean {
    if (meta.seq <= (this.#seqs.get(meta.log) ?? 0)) return false;
    this.#seqs.set(meta.log, meta.seq);
    return true;
  }

  /** Numbers of another epoch mean nothing. True if there were such. */
  adopt(epoch: Id): boolean {
    const isOther = this.epoch !== undefined && this.epoch !== epoch;
    if (isOther) this.#seqs.clear();
    this.epoch = epoch;
    return isOther;
  }
}
