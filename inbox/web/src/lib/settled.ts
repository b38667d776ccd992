import { useEffect, useState } from "react";

/** Milliseconds after the last letter. */
const TYPING = 400;

/** A value as it was when typing paused. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  const key = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING);
    return () => clearTimeout(timer);
  }, [key]); // eslint-disable-line react-hooks/exhaustive-deps
  return settled;
}
