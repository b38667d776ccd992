import type { ReactNode } from "react";

import { cx } from "@/ui";

interface Props<T> {
  id: string;
  label: string;
  items: readonly T[];
  active: number;
  keyOf: (item: T) => string;
  render: (item: T) => ReactNode;
  onPick: (item: T) => void;
  onHover: (at: number) => void;
  empty: string;
}

/** What may be put in place of the word at the caret. The keys stay in the text; it reads out the active one. */
export function Suggestions<T>({ id, label, items, active, keyOf, render, onPick, onHover, empty }: Props<T>) {
  return (
    <div className="absolute inset-x-2 bottom-full z-20 mb-1 overflow-hidden rounded-xl border border-line bg-card shadow-pop">
      <p className="border-b border-line px-3 py-1.5 text-xs font-medium text-faint">{label}</p>
      {items.length === 0 ? (
        <p className="px-3 py-3 text-muted">{empty}</p>
      ) : (
        <ul id={id} role="listbox" aria-label={label} className="max-h-72 overflow-y-auto p-1">
          {items.map((item, at) => (
            <li
              key={keyOf(item)}
              id={`${id}-${at}`}
              role="option"
              aria-selected={at === active}
              ref={(element) => {
                if (at === active) element?.scrollIntoView({ block: "nearest" });
              }}
              onMouseMove={() => onHover(at)}
              // the text keeps the focus
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onPick(item)}
              className={cx("cursor-pointer rounded-lg px-2.5 py-1.5", at === active && "bg-selected")}
            >
              {render(item)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
