import { uuid, type Id } from "@turumba/realtime";

import { api, data } from "@/api/client";
import { ApiError } from "@/api/errors";
import { External } from "@/lib/external";
import { hubPath } from "@/lib/url";

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

/** Sent in one request; what a broken connection loses is less than this. */
const PIECE = 512 * 1024;
const LONGEST_WAIT_MS = 15_000;
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
    const upload = this.of(conversation).find((one) => one.key === key);
    if (!upload) return;
    change({ phase: "sending", error: null });
    try {
      const { file } = upload;
      const ticket = await data(
        api.POST("/v1/uploads", {
          body: {
            account_id: accountId,
            filename: file.name || "file",
            mime_type: file.type || "application/octet-stream",
            size: file.size,
          },
          signal: stop.signal,
        }),
      );
      await send(file, hubPath(ticket.put_url), stop.signal, (progress, isWaiting) =>
        change({ progress, phase: isWaiting ? "waiting" : "sending" }),
      );
      change({ phase: "done", progress: 1, uploadId: ticket.upload_id });
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

/** Sends a file piece by piece. After a break it asks how far the hub has come, and goes on there. */
async function send(
  file: File,
  url: string,
  signal: AbortSignal,
  tell: (progress: number, isWaiting: boolean) => void,
): Promise<void> {
  let from = 0;
  let breaks = 0;
  while (from < file.size || file.size === 0) {
    const end = Math.min(from + PIECE, file.size);
    try {
      const answer = await put(
        url,
        signal,
        file.slice(from, end),
        file.size ? `bytes ${from}-${end - 1}/${file.size}` : null,
      );
      if (answer.ok) return;
      from = received(answer) ?? end;
      breaks = 0;
      tell(from / file.size, false);
    } catch (error) {
      if (signal.aborted || error instanceof ApiError) throw error;
      tell(from / file.size, true);
      await pause(Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** breaks++), signal);
      from = await howFar(url, signal, file.size).catch(() => from);
    }
  }
}

async function howFar(url: string, signal: AbortSignal, size: number): Promise<number> {
  const answer = await put(url, signal, null, `bytes */${size}`);
  return answer.ok ? size : (received(answer) ?? 0);
}

async function put(url: string, signal: AbortSignal, body: Blob | null, range: string | null): Promise<Response> {
  const answer = await fetch(url, { method: "PUT", body, signal, headers: range ? { "content-range": range } : {} });
  // 308: so far so good
  if (answer.ok || answer.status === 308) return answer;
  const told = (await answer.json().catch(() => ({}))) as { error?: string; message?: string };
  if (answer.status >= 500 || answer.status === 429) throw new Error(told.message ?? `${answer.status}`);
  throw new ApiError(told.error ?? "internal_error", told.message ?? `${answer.status}`, answer.status);
}

function received(answer: Response): number | null {
  const match = /bytes=0-(\d+)/.exec(answer.headers.get("range") ?? "");
  return match ? Number(match[1]) + 1 : null;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(finish, ms);
    function finish() {
      clearTimeout(timer);
      window.removeEventListener("online", finish);
      if (signal.aborted) fail(signal.reason as Error);
      else done();
    }
    window.addEventListener("online", finish);
    signal.addEventListener("abort", finish, { once: true });
  });
}
