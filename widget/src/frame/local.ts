/** A file's address at our own origin, whatever the hub calls itself. */
export function local(url: string): string {
  try {
    const { pathname, search } = new URL(url, location.origin);
    return pathname.startsWith("/v1/files/") ? pathname + search : url;
  } catch {
    return url;
  }
}
