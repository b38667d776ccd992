import { errorOf } from "@/api/errors";
import { accessToken } from "@/api/session";

/** Fetches a file of the REST API, which needs a token that a link cannot carry, and hands it to the browser. */
export async function download(path: string, filename: string): Promise<void> {
  const headers = { authorization: `Bearer ${await accessToken()}` };
  const answer = await fetch(path, { headers }).catch(() => null);
  if (!answer?.ok) throw errorOf(answer?.status ?? 0, await answer?.json().catch(() => null));
  const url = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  link.click();
  // the browser reads it after the press
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
