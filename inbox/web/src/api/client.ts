import createClient, { type Middleware } from "openapi-fetch";

import { ApiError, errorOf } from "./errors";
import type { components, paths } from "./schema.gen";
import { accessToken, renew } from "./session";

export { ApiError } from "./errors";
export type Schemas = components["schemas"];

const credentials: Middleware = {
  async onRequest({ request }) {
    request.headers.set("authorization", `Bearer ${await accessToken()}`);
    return request;
  },
  onError() {
    return errorOf(0, null);
  },
};

/** Fetches, and once more with a new token when the hub does not take the present one. */
async function fetchAgain(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await fetch(request);
  if (answer.status !== 401) return answer;
  again.headers.set("authorization", `Bearer ${await renew()}`);
  return fetch(again);
}

/** The REST API, typed from the hub's own OpenAPI document. Answers go through {@link data} or {@link page}. */
export const api = createClient<paths>({ baseUrl: "/", fetch: fetchAgain });
api.use(credentials);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

async function body<T>(answer: Promise<Answer<T>>): Promise<T> {
  const told = await answer;
  if (told.error !== undefined || !told.response.ok) {
    throw told.error instanceof ApiError ? told.error : errorOf(told.response.status, told.error);
  }
  return told.data as T;
}

/** The `data` of an answer; anything else is thrown as an {@link ApiError}. */
export async function data<T>(answer: Promise<Answer<{ data: T }>>): Promise<T> {
  return (await body(answer)).data;
}

/** A page of a list with its `meta`. */
export function page<T, M>(answer: Promise<Answer<{ data: T[]; meta: M }>>): Promise<{ data: T[]; meta: M }> {
  return body(answer);
}

/** For what is answered without a body. */
export async function done(answer: Promise<Answer<unknown>>): Promise<void> {
  await body(answer);
}
