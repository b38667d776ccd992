/**
 * An address of the hub's own as a path: the hub writes absolute ones with its public name, while this page may
 * have come by another (a port forwarded, a name in the local network).
 */
export function hubPath(url: string): string {
  const { pathname, search } = new URL(url, location.origin);
  return pathname.startsWith("/v1/") ? pathname + search : url;
}
