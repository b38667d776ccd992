import type { Schemas } from "@/api/client";

type Template = Schemas["TemplateView"];

/** A template that was filled in: the text for the thread, and what the provider makes its own text of. */
export interface Approved {
  content: string;
  template: { name: string; language: string; body: string[] | Record<string, string> };
}

const MARK = /\{\{\s*([A-Za-z_][\w.]*)[^{}]*\}\}|\{([A-Z][A-Z0-9_]*)\}/g;
const NUMBERED = /^PARAM_(\d+)$/;

/** A variable as the provider knows it, as the hub writes it when a template is handed in. */
const providersName = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "_");

/** The values in the template's text, and as the parameters that the provider asks for. */
export function fillIn(template: Template, values: Record<string, string>): Approved {
  const content = template.body.replaceAll(
    MARK,
    (mark, long?: string, short?: string) => values[long ?? short ?? ""] || mark,
  );
  const isNumbered = template.variables.length > 0 && template.variables.every((name) => NUMBERED.test(name));
  const number = (name: string) => Number(NUMBERED.exec(name)?.[1]);
  const body = isNumbered
    ? [...template.variables].sort((a, b) => number(a) - number(b)).map((name) => values[name] ?? "")
    : Object.fromEntries(template.variables.map((name) => [providersName(name), values[name] ?? ""]));
  return { content, template: { name: template.name, language: template.language ?? "en", body } };
}

/** How a variable is written, to have it filled in alone. */
export const written = (name: string) => (/^[A-Z][A-Z0-9_]*$/.test(name) ? `{${name}}` : `{{ ${name} }}`);
