import { Fragment, type ReactNode } from "react";

const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/gi;

/** A message's text with its addresses as links. Nothing of it is ever read as markup. */
export function Text({ children }: { children: string }): ReactNode {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of children.matchAll(LINK)) {
    if (match.index > from) parts.push(children.slice(from, match.index));
    parts.push(
      <a
        key={match.index}
        href={match[0]}
        target="_blank"
        rel="noreferrer nofollow"
        className="underline underline-offset-2"
      >
        {match[0]}
      </a>,
    );
    from = match.index + match[0].length;
  }
  if (!parts.length) return children;
  parts.push(children.slice(from));
  return parts.map((part, at) => <Fragment key={at}>{part}</Fragment>);
}
