/** The names of a text's variables, each once: `{{ contact.name | default: "x" }}` and `{ORDER}`. */
export function variablesOf(body: string): string[] {
  const names = [...body.matchAll(/\{\{\s*([A-Za-z_][\w.]*)[^{}]*\}\}|\{([A-Z][A-Z0-9_]*)\}/g)];
  return [...new Set(names.map(([, long, short]) => long ?? short ?? ""))].filter(Boolean);
}
