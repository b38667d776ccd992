import type { Credentials, Visitor } from "@turumba/realtime";

import type { Attributes, Identity } from "../shared/api";
import type { Page } from "../shared/port";
import type { Kept } from "./kept";

/** A refusal of the hub's REST side. */
export class Refused extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly details: Record<string, unknown> = {}) {
    super(message);
  }
}

/** Asks the hub; the path is one of its public chat's. */
export async function ask<T>(path: string, body?: unknown, token?: string): Promise<T> {
  const answer = await fetch(path, {
    method: body ? "POST" : "GET",
    headers: { ...(body ? { "content-type": "application/json" } : {}), ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: body ? JSON.stringify(body) : null,
    signal: AbortSignal.timeout(10_000),
    credentials: "omit",
  });
  const told = (await answer.json().catch(() => ({}))) as { data?: T; error?: string; message?: string; details?: Record<string, unknown> };
  if (answer.ok) return told.data as T;
  throw new Refused(answer.status, told.error ?? "", told.message ?? `${answer.status}`, told.details);
}

interface Answer {
  token: string;
  expires_at: string;
  visitor: Visitor;
  visitor_secret?: string;
}

export interface About {
  key: string;
  kept: Kept;
  page: Page;
  locale: string;
  identity?: Identity | undefined;
  attributes?: Attributes | undefined;
}

/** The visitor's session: made with the secret that this browser keeps, renewed before it ends. */
export class Session {
  #answer: Answer | undefined;
  /** The proof of who the visitor is was refused; nothing of it is used. */
  onrefused: (message: string) => void = () => {};
  onidentified: (verified: boolean) => void = () => {};

  constructor(readonly about: About) {}

  get path(): string {
    return `/v1/public/chat/${encodeURIComponent(this.about.key)}`;
  }

  /** A token that is good for at least half a minute. */
  async token(renew = false): Promise<Credentials> {
    if (renew || !this.#answer || Date.parse(this.#answer.expires_at) - Date.now() < 30_000) {
      this.#answer = await this.#begin();
    }
    return { token: this.#answer!.token };
  }

  /** The next token is another visitor's, or says more of this one. */
  drop(): void {
    this.#answer = undefined;
  }

  async #begin(): Promise<Answer> {
    const { kept, page, locale, identity, attributes } = this.about;
    const [visitor_id, visitor_secret] = (kept.get("visitor") ?? "").split(" ");
    const { id, hash, jwt, attributes: more, ...claims } = identity ?? {};
    const proof = hash || jwt ? { id, hash, jwt } : undefined;
    try {
      const answer = await ask<Answer>(`${this.path}/session`, {
        ...(visitor_secret ? { visitor_id, visitor_secret } : {}),
        ...claims, locale, page, identity: proof, attributes: { ...attributes, ...more },
      });
      if (answer.visitor_secret) kept.put("visitor", `${answer.visitor.id} ${answer.visitor_secret}`);
      if (identity) this.onidentified(answer.visitor.verified);
      return answer;
    } catch (error) {
      if (!(error instanceof Refused) || !proof) throw error;
      if (error.details["reason"] === "identity_changed") {
        // somebody else has signed in at this browser: they get a visitor of their own
        kept.put("visitor", null);
      } else if (error.status === 401 || error.status === 403) {
        this.about.identity = undefined;
        this.onrefused(error.message);
      } else {
        throw error;
      }
      return this.#begin();
    }
  }
}
