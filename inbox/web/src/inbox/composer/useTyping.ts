import type { Id } from "@turumba/realtime";
import { useCallback, useEffect, useRef } from "react";

import { useLive } from "@/app/live";

const AGAIN_MS = 3_000;
const IDLE_MS = 4_000;

/** Tells the others that one is writing, and that one has stopped. */
export function useTyping(id: Id): { typed: () => void; stopped: () => void } {
  const live = useLive();
  const last = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const stopped = useCallback(() => {
    clearTimeout(timer.current);
    if (!last.current) return;
    last.current = 0;
    live.setTyping(id, false);
  }, [live, id]);

  const typed = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(stopped, IDLE_MS);
    if (Date.now() - last.current < AGAIN_MS) return;
    last.current = Date.now();
    live.setTyping(id, true);
  }, [live, id, stopped]);

  useEffect(() => stopped, [stopped]);
  return { typed, stopped };
}
