import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A component that is loaded when it is first wanted: most visitors never see it. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let Loaded: ComponentType<P> | undefined;
  return function Later(props: P) {
    const [tries, setTries] = useState(0);
    useEffect(() => {
      let isGone = false;
      // without a network it is tried again, since what it asks cannot wait for ever
      if (!Loaded) load().then((it) => (Loaded = it)).then(() => isGone || setTries(-1), () => setTimeout(() => isGone || setTries(tries + 1), 3_000));
      return () => {
        isGone = true;
      };
    }, [tries]);
    return Loaded ? <Loaded {...props} /> : null;
  };
}
