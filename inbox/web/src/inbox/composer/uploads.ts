import { uuid, type Id } from "@turumba/realtime";

import { upload } from "@/api/upload";
import { External } from "@/lib/external";

/** A file on its way, before the message that carries it. */
export interface Upload {
  key: string;
  file: File;
  /** 0 to 1. */
  progress: number;
  phase: "sending" | "waiting" | "done" | "failed";
  uploadId: Id | null;
  error: string | null;
}

const NONE: readonly Upload[] = [];

/**
 * The files of all composers, by conversation: they go on while another conversation is looked at, and over
 * broken connections from where they were.
 */
class Uploads extends External {
  readonly #byConversation = new Map<Id, readonly Upload[]>();
  readonly #stops = new Map<string, AbortController>();

  of(conversation: Id): readonly Upload[] {
    return this.#byConversation.get(conversation) ?? NONE;
  }

  add(conversation: Id, accountId: Id, files: readonly File[]): void {
    for (const file of files) {
      const upload: Upload = { key: uuid(), file, progress: 0, phase: "sending", uploadId: null, error: null };
      this.#byConversation.set(conversation, [...this.of(conversation), upload]);
      void this.#run(conversation, accountId, upload.key);
    }
    this.notify();
  }

  remove(conversation: Id, key: string): void {
    this.#stops.get(key)?.abort();
    this.#byConversation.set(
      conversation,
      this.of(conversation).filter((upload) => upload.key !== key),
    );
    this.notify();
  }

  retry(conversation: Id, accountId: Id, key: string): void {
    void this.#run(conversation, accountId, key);
  }

  /** The message has them now. */
  clear(conversation: Id): void {
    this.#byConversation.delete(conversation);
    this.notify();
  }

  async #run(conversation: Id, accountId: Id, key: string): Promise<void> {
    const stop = new AbortController();
    this.#stops.set(key, stop);
    const change = (next: Partial<Upload>) => this.#change(conversation, key, next);
    const file = this.of(conversation).find((one) => one.key === key)?.file;
    if (!file) return;
    change({ phase: "sending", error: null });
    try {
      const uploadId = await upload(accountId, file, stop.signal, (progress, isWaiting) =>
        change({ progress, phase: isWaiting ? "waiting" : "sending" }),
      );
      change({ phase: "done", progress: 1, uploadId });
    } catch (error) {
      if (!stop.signal.aborted)
        change({ phase: "failed", error: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#stops.delete(key);
    }
  }

  #change(conversation: Id, key: string, next: Partial<Upload>): void {
    if (!this.#byConversation.has(conversation)) return;
    this.#byConversation.set(
      conversation,
      this.of(conversation).map((upload) => (upload.key === key ? { ...upload, ...next } : upload)),
    );
    this.notify();
  }
}

export const uploads = new Uploads();
