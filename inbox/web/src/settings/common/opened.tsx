import type { ReactNode } from "react";

import { Dialog, Sheet } from "@/ui";
import { Loaded } from "./loaded";

interface OpenedProps<T> {
  /** An id, `new`, or nothing. */
  id: string | null;
  /** The first part of the query's key. */
  kind: string;
  /** While it is loaded. */
  title: string;
  small?: boolean;
  onClose: () => void;
  read: (id: string) => Promise<T>;
  /** The form for it; `null` is something new. */
  children: (thing: T | null) => ReactNode;
}

/** What is opened beside a list, loaded by its id: a link to it shows the same. */
export function Opened<T>({ id, kind, title, small, onClose, read, children }: OpenedProps<T>) {
  if (id === null) return null;
  if (id === "new") return <>{children(null)}</>;
  const Panel = small ? Dialog : Sheet;
  return (
    <Loaded
      key={id}
      of={[kind, "one", id]}
      read={() => read(id)}
      around={(waiting) => (
        <Panel open onOpenChange={onClose} title={title}>
          {waiting}
        </Panel>
      )}
    >
      {(thing) => children(thing)}
    </Loaded>
  );
}
