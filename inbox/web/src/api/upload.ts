import { hubPath } from "@/lib/url";
import { api, data } from "./client";
import { ApiError } from "./errors";

/** Sent in one request; what a broken connection loses is less than this. */
const PIECE = 512 * 1024;
const LONGEST_WAIT_MS = 15_000;

/** Brings a file to the hub; resolves with the id that a message, or a person's picture, names it by. */
export async function upload(
  account_id: string,
  file: File,
  signal: AbortSignal,
  tell: (progress: number, isWaiting: boolean) => void = () => {},
): Promise<string> {
  const body = {
    account_id,
    filename: file.name || "file",
    mime_type: file.type || "application/octet-stream",
    size: file.size,
  };
  const ticket = await data(api.POST("/v1/uploads", { body, signal }));
  await send(file, hubPath(ticket.put_url), signal, tell);
  return ticket.upload_id;
}

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
      // 409: bytes of the request that was cut came in after all, and the hub is further than it said
      const isOutOfStep = error instanceof ApiError && error.status === 409;
      if (signal.aborted || (error instanceof ApiError && !isOutOfStep)) throw error;
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
