import { errorOf, type ApiError } from "./errors";

/**
 * Who is signed in. The access token is only in memory. The refresh token is kept for the next visit and shared by all
 * tabs. It is good for one use, so tabs take turns (a lock of the browser) and each reads the newest one; a refresh
 * that is cut off by leaving the page is made again with the same token, which the hub allows once.
 */
interface Tokens {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

const KEY = "turumba.refresh";
const LOCK = "turumba.refresh";
/** A token that ends so soon is not handed out any more. */
const MARGIN_MS = 20_000;

interface Access {
  token: string;
  endsAt: number;
}

let access: Access | null = null;
let renewing: Promise<string> | null = null;
const listeners = new Set<(signedIn: boolean) => void>();

export function signedIn(): boolean {
  return localStorage.getItem(KEY) !== null;
}

/** Told when somebody signs in or out, in this tab or another. */
export function onSession(listener: (signedIn: boolean) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

window.addEventListener("storage", (event) => {
  if (event.key !== KEY || (event.oldValue === null) === (event.newValue === null)) return;
  access = null;
  tell();
});

const tell = () => listeners.forEach((listener) => listener(signedIn()));

function keep(tokens: Tokens): string {
  localStorage.setItem(KEY, tokens.refresh_token);
  access = { token: tokens.access_token, endsAt: Date.now() + tokens.expires_in * 1000 };
  return tokens.access_token;
}

function forget(): void {
  access = null;
  localStorage.removeItem(KEY);
  tell();
}

async function post(path: string, body: unknown, token?: string): Promise<unknown> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
  if (!answer) throw errorOf(0, null);
  const told: unknown = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) throw errorOf(answer.status, told);
  return told;
}

export async function signIn(email: string, password: string): Promise<void> {
  const told = (await post("/v1/auth/login", { email, password })) as { data: Tokens };
  keep(told.data);
  tell();
}

/** Ends the session here at once; the hub learns of it when it can be reached. */
export async function signOut(): Promise<void> {
  const token = await accessToken().catch(() => null);
  forget();
  if (token) await post("/v1/auth/logout", {}, token).catch(() => null);
}

/** An access token that is still good for a while; renewed when needed. */
export async function accessToken(): Promise<string> {
  if (access && access.endsAt - Date.now() > MARGIN_MS) return access.token;
  return renew();
}

/** A new access token, whatever the present one says. */
export function renew(): Promise<string> {
  renewing ??= inTurn(exchange).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function exchange(): Promise<string> {
  const refresh_token = localStorage.getItem(KEY);
  if (!refresh_token) throw errorOf(401, { error: "unauthorized", message: "signed out" });
  try {
    const told = (await post("/v1/auth/refresh", { refresh_token })) as { data: Tokens };
    return keep(told.data);
  } catch (error) {
    if ((error as ApiError).status === 401) forget();
    throw error;
  }
}

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  // there are no locks outside secure contexts (a hub in the local network without HTTPS)
  if (!navigator.locks) return work();
  return navigator.locks.request(LOCK, work) as Promise<T>;
}
