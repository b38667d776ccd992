import { Refused } from "./session";

/** Bytes of one request: what is lost at most when the connection is cut. */
const PART = 256 * 1024;
/** Waits between attempts, until the network has been away for too long. */
const WAITS = [500, 1_000, 2_000, 4_000, 8_000, 8_000, 15_000, 15_000, 30_000, 30_000];

interface Progress {
  received: number;
  is_complete: boolean;
}

/**
 * Sends a file in parts, and goes on where it stopped when the connection was cut. `put_url` needs no other
 * credential.
 */
export async function upload(file: Blob, put_url: string, { signal, onprogress, waits = WAITS }: {
  signal: AbortSignal;
  onprogress: (part: number) => void;
  waits?: number[];
}): Promise<void> {
  let from = 0;
  let failures = 0;
  let mustAsk = false;
  while (from < file.size) {
    const part = file.slice(from, from + PART);
    const range = mustAsk ? `bytes */${file.size}` : `bytes ${from}-${from + part.size - 1}/${file.size}`;
    try {
      const told = await put(put_url, range, mustAsk ? null : part, signal);
      if (told.is_complete) break;
      from = told.received;
      mustAsk = false;
      failures = 0;
      onprogress(from / file.size);
    } catch (error) {
      if (signal.aborted || (error instanceof Refused && error.status !== 409 && error.status < 500 && error.status !== 429)) throw error;
      const wait = waits[failures++];
      if (wait === undefined) throw error;
      // how much of it came is known to the hub alone
      mustAsk = true;
      await pause(wait);
    }
  }
  onprogress(1);
}

async function put(url: string, range: string, body: Blob | null, signal: AbortSignal): Promise<Progress> {
  const answer = await fetch(url, {
    method: "PUT", body, credentials: "omit",
    headers: { "content-range": range, "content-type": "application/octet-stream" },
    signal: AbortSignal.any ? AbortSignal.any([signal, AbortSignal.timeout(60_000)]) : signal,
  });
  // 308 says that more is missing
  const told = (await answer.json().catch(() => ({}))) as { data?: Progress; error?: string; message?: string };
  if ((answer.ok || answer.status === 308) && told.data) return told.data;
  throw new Refused(answer.status, told.error ?? "", told.message ?? `${answer.status}`);
}

/** Waits, but no longer than until the network is back. */
function pause(ms: number): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      done();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
  });
}
