import { afterEach, expect, test, vi } from "vitest";

import { Refused } from "../src/frame/session";
import { upload } from "../src/frame/upload";

afterEach(() => vi.unstubAllGlobals());

/** A hub that keeps what it gets; `fails` says which requests are cut after how many bytes. */
function hub(size: number, fails: Record<number, number> = {}) {
  let received = 0;
  const ranges: string[] = [];
  const answer = (status: number, body: object) => new Response(JSON.stringify(body), { status: status === 308 ? 200 : status });
  const ask = async (_: string, { headers, body }: { headers: Record<string, string>; body: Blob | null }) => {
    const range = headers["content-range"]!;
    ranges.push(range);
    const cut = fails[ranges.length];
    if (cut !== undefined) {
      received += cut;
      throw new TypeError("Failed to fetch");
    }
    if (body) {
      const from = Number(/bytes (\d+)/.exec(range)![1]);
      if (from !== received) return answer(409, { error: "conflict", message: `go on at byte ${received}` });
      received += body.size;
    }
    return answer(received === size ? 200 : 308, { data: { received, is_complete: received === size } });
  };
  vi.stubGlobal("fetch", ask);
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("removeEventListener", () => {});
  return { ranges, get received() { return received; } };
}
const options = (parts: number[] = []) => ({ signal: new AbortController().signal, onprogress: (part: number) => void parts.push(part), waits: [1, 1, 1] });
const K = 1024;

test("a file goes in parts, each with its range", async () => {
  const { ranges } = hub(600 * K);
  const parts: number[] = [];
  await upload(new Blob([new Uint8Array(600 * K)]), "/put", options(parts));
  expect(ranges).toEqual([`bytes 0-262143/${600 * K}`, `bytes 262144-524287/${600 * K}`, `bytes 524288-${600 * K - 1}/${600 * K}`]);
  expect(parts.at(-1)).toBe(1);
});

test("after a cut it asks how much came, and goes on there", async () => {
  const there = hub(600 * K, { 2: 100 * K });
  await upload(new Blob([new Uint8Array(600 * K)]), "/put", options());
  expect(there.received).toBe(600 * K);
  expect(there.ranges.slice(1, 4)).toEqual([`bytes 262144-524287/${600 * K}`, `bytes */${600 * K}`, `bytes ${356 * K}-${600 * K - 1}/${600 * K}`]);
});

test("it gives up after a while, and at once when it is refused or no longer wanted", async () => {
  hub(K, { 1: 0, 2: 0, 3: 0, 4: 0 });
  await expect(upload(new Blob([new Uint8Array(K)]), "/put", options())).rejects.toThrow("Failed to fetch");
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ error: "forbidden", message: "no" }), { status: 403 }));
  await expect(upload(new Blob([new Uint8Array(K)]), "/put", options())).rejects.toBeInstanceOf(Refused);
});
