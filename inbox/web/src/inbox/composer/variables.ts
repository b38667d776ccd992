/** Variables that nobody has filled in: `{{ contact.name }}` and the older `{NAME}`. */
export function unfilled(text: string): string[] {
  const names = [...text.matchAll(/\{\{\s*([^{}|\s][^{}|]*?)\s*(?:\|[^{}]*)?\}\}|\{([A-Z][A-Z0-9_]*)\}/g)];
  return [...new Set(names.map((match) => match[1] ?? match[2]!))];
}

/** The word before the caret that calls up canned responses: `/` at the beginning or after a space. */
export function slashWord(text: string, caret: number): { from: number; q: string } | null {
  const match = /(?:^|\s)\/(\S*)$/.exec(text.slice(0, caret));
  return match ? { from: caret - match[1]!.length - 1, q: match[1]! } : null;
}

/** The word before the caret that names a colleague. */
export function atWord(text: string, caret: number): { from: number; q: string } | null {
  const match = /(?:^|\s)@([\p{L}\p{N}._-]*)$/u.exec(text.slice(0, caret));
  return match ? { from: caret - match[1]!.length - 1, q: match[1]! } : null;
}

/** Puts `next` in place of the word that begins at `from`. Returns the text and where the caret belongs. */
export function fill(text: string, from: number, caret: number, next: string): { text: string; caret: number } {
  return { text: text.slice(0, from) + next + text.slice(caret), caret: from + next.length };
}

/** Colleagues whose names stand behind an `@`; the longest name wins, so that "@Ann" is not found in "@Anna". */
export function mentioned<A extends { id: string; name: string }>(text: string, agents: readonly A[]): string[] {
  let rest = text.toLowerCase();
  const found: string[] = [];
  for (const agent of [...agents].sort((a, b) => b.name.length - a.name.length)) {
    const mark = `@${agent.name.toLowerCase()}`;
    if (!agent.name || !rest.includes(mark)) continue;
    found.push(agent.id);
    rest = rest.replaceAll(mark, "");
  }
  return found;
}
