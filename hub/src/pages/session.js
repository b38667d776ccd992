// Signing in, for the hub's own pages. Tokens live as long as the tab.
const KEY = "turumba.session";

export class Refused extends Error {
  constructor(status, body) {
    super(body?.message || `the hub answered ${status}`);
    this.status = status;
    this.code = body?.error;
    this.details = body?.details;
  }
}

const read = () => { try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; } };
const keep = (tokens) => sessionStorage.setItem(KEY, JSON.stringify(tokens));
let refreshing = null;

export const signedIn = () => Boolean(read());
export const accessToken = () => read()?.access_token;

export async function signIn(email, password) {
  keep(await ask("POST", "/v1/auth/login", { email, password }, null));
}

export async function signOut() {
  const token = accessToken();
  sessionStorage.removeItem(KEY);
  if (token) await ask("POST", "/v1/auth/logout", {}, token).catch(() => {});
}

// Renews the access token; one renewal at a time, since a refresh token is good for one use.
export function renew() {
  refreshing ??= ask("POST", "/v1/auth/refresh", { refresh_token: read()?.refresh_token }, null)
    .then(keep, (error) => { if (error.status === 401) sessionStorage.removeItem(KEY); throw error; })
    .finally(() => { refreshing = null; });
  return refreshing;
}

// Asks the API and returns `data`; a token that ran out is renewed once.
export async function api(method, path, body) {
  try {
    return await ask(method, path, body, accessToken());
  } catch (error) {
    if (error.status !== 401 || !read()) throw error;
    await renew();
    return ask(method, path, body, accessToken());
  }
}

async function ask(method, path, body, token) {
  const headers = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const told = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, told);
  return told?.data ?? told;
}
