import { uuid } from "@turumba/realtime";
import { useRef } from "react";

import { ApiError } from "@/api/client";

/** What a request that must not be done twice is sent with. */
export type Once = { headers: { "Idempotency-Key": string } };

/**
 * Does what must not be done twice: pressed again after an answer was lost, the same request goes out under the same key, and
 * the hub answers it as it did the first time. Another body is another request, and so is one that was refused.
 */
export function useOnce(): <T>(body: unknown, send: (once: Once) => Promise<T>) => Promise<T> {
  const last = useRef<{ body: string; key: string } | null>(null);
  return async (body, send) => {
    const said = JSON.stringify(body);
    if (last.current?.body !== said) last.current = { body: said, key: uuid() };
    try {
      const done = await send({ headers: { "Idempotency-Key": last.current.key } });
      last.current = null;
      return done;
    } catch (error) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) last.current = null;
      throw error;
    }
  };
}
