import { uuid } from "@turumba/realtime";

import { Refused, ask, type Session } from "./session";

/** A file beside the text that is being written. */
export interface Attached {
  id: string;
  name: string;
  /** Address of a picture's preview. */
  preview?: string;
  /** 0 to 1. */
  part: number;
  upload_id?: string;
  error?: { code: "too_large" | "not_taken" | "upload_failed"; why: string };
}

/** As many as a message may have. */
const MOST = 10;

/** The files of the message that is being written: shrunk, sent ahead, and named by it. */
export class Attachments {
  all: Attached[] = [];
  readonly #aborts = new Map<string, AbortController>();

  constructor(readonly session: Session, readonly changed: () => void) {}

  get isBusy(): boolean {
    return this.all.some((file) => !file.upload_id && !file.error);
  }

  add(files: Iterable<File>): void {
    for (const file of [...files].slice(0, MOST - this.all.length)) {
      const attached: Attached = { id: uuid(), name: file.name || "file", part: 0 };
      if (file.type.startsWith("image/")) attached.preview = URL.createObjectURL(file);
      this.all = [...this.all, attached];
      void this.#send(file, attached);
    }
    this.changed();
  }

  remove(id: string): void {
    this.#aborts.get(id)?.abort();
    this.#drop(this.all.filter((file) => file.id === id));
  }

  /** The finished files; those that failed stay until they are removed. */
  take(): string[] {
    const done = this.all.filter((file) => file.upload_id);
    this.#drop(done);
    return done.map((file) => file.upload_id!);
  }

  clear(): void {
    for (const abort of this.#aborts.values()) abort.abort();
    this.#drop(this.all);
  }

  #drop(files: Attached[]): void {
    for (const { id, preview } of files) {
      this.#aborts.delete(id);
      if (preview) URL.revokeObjectURL(preview);
    }
    this.all = this.all.filter((file) => !files.includes(file));
    this.changed();
  }

  async #send(file: File, attached: Attached): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(attached.id, abort);
    const change = (news: Partial<Attached>) => {
      Object.assign(attached, news);
      this.changed();
    };
    try {
      // who sends no file loads none of it
      const [{ shrink }, { upload }] = await Promise.all([import("./shrink"), import("./upload")]);
      const small = await shrink(file);
      const { token } = await this.session.token();
      const ticket = await ask<{ upload_id: string; put_url: string }>(`${this.session.path}/uploads`, {
        filename: small.name || "file", mime_type: small.type || "application/octet-stream", size: small.size,
      }, token);
      // the frame and the hub are one origin, whatever the hub calls itself
      const { pathname, search } = new URL(ticket.put_url);
      await upload(small, pathname + search, { signal: abort.signal, onprogress: (part) => change({ part }) });
      change({ upload_id: ticket.upload_id });
    } catch (error) {
      if (abort.signal.aborted) return;
      const max = error instanceof Refused && error.details["max"];
      if (max) change({ error: { code: "too_large", why: `${Math.floor(Number(max) / 1_048_576)} MB` } });
      else if (error instanceof Refused && error.status === 422) change({ error: { code: "not_taken", why: error.message } });
      else change({ error: { code: "upload_failed", why: "" } });
    }
  }
}
