import { Braces } from "lucide-react";
import { useId, useRef } from "react";
import { useTranslation } from "react-i18next";

import { Button, cx, Menu, MenuContent, MenuItem, MenuTrigger, Textarea, useReadOnly } from "@/ui";
import { smsLength } from "@/lib/sms";

/** What a text may be filled with, beside the contact's own properties. */
const VARIABLES = [
  "contact.name",
  "contact.first_name",
  "contact.email",
  "contact.phone",
  "sender.name",
  "account.name",
  "system.current_date",
  "system.current_time",
] as const;

/** `{{ … }}` and `{UPPER}`, as the hub reads them. */
const MARK = /\{\{[^{}]*\}\}|\{[A-Z][A-Z0-9_]*\}/g;

/** The text in pieces; every second one is a variable. */
export function pieces(text: string): { text: string; isVariable: boolean }[] {
  const found: { text: string; isVariable: boolean }[] = [];
  let end = 0;
  for (const match of text.matchAll(MARK)) {
    if (match.index > end) found.push({ text: text.slice(end, match.index), isVariable: false });
    found.push({ text: match[0], isVariable: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ text: text.slice(end), isVariable: false });
  return found;
}

interface TextWithVariablesProps {
  value: string;
  onChange: (value: string) => void;
  onBlur?: () => void;
  most: number;
  rows?: number;
  /** What the hub cannot read, and after how many characters. */
  mistake?: Mistake | null | undefined;
}

export interface Mistake {
  message: string;
  position: number;
}

/** A text with variables: a menu puts one in where the cursor is, and below it is shown what is read as one. */
export function TextWithVariables({ value, onChange, onBlur, most, rows = 6, mistake }: TextWithVariablesProps) {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  const area = useRef<HTMLTextAreaElement>(null);
  const countId = useId();
  /** Puts it in where the cursor is; the cursor goes behind it, or chooses the part `of` it that is to be written. */
  const insert = (mark: string, of?: string) => {
    const box = area.current;
    const [start, end] = [box?.selectionStart ?? value.length, box?.selectionEnd ?? value.length];
    onChange(value.slice(0, start) + mark + value.slice(end));
    const from = start + (of ? mark.indexOf(of) : mark.length);
    // after React has written the new text
    requestAnimationFrame(() => {
      box?.focus();
      box?.setSelectionRange(from, from + (of?.length ?? 0));
    });
  };
  const showMistake = ({ position }: Mistake) => {
    // the hub counts characters, the box counts UTF-16 units
    const from = [...value].slice(0, position).join("").length;
    const word = /^\S+/.exec(value.slice(from))?.[0] ?? "";
    area.current?.focus();
    area.current?.setSelectionRange(from, from + word.length);
  };
  const found = pieces(value);
  const length = [...value].length;
  return (
    <div className="flex flex-col gap-2">
      <Textarea
        ref={area}
        rows={rows}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onBlur={onBlur}
      />
      <div className="flex flex-wrap items-center justify-between gap-2">
        {!readOnly && (
          <Menu>
            <MenuTrigger asChild>
              <Button size="sm" icon={<Braces aria-hidden className="size-4" />}>
                {t("text.insert")}
              </Button>
            </MenuTrigger>
            <MenuContent align="start" onCloseAutoFocus={(event) => event.preventDefault()}>
              {VARIABLES.map((name) => (
                <MenuItem key={name} onSelect={() => insert(`{{ ${name} }}`)}>
                  <span className="flex items-baseline justify-between gap-6">
                    {t(`variables.${name.replace(".", "_")}`)}
                    <code className="font-mono text-xs text-faint">{name}</code>
                  </span>
                </MenuItem>
              ))}
              <MenuItem onSelect={() => insert("{{ contact.properties.city }}", "city")}>{t("text.property")}</MenuItem>
              <MenuItem onSelect={() => insert("{VALUE}", "VALUE")}>{t("text.custom")}</MenuItem>
            </MenuContent>
          </Menu>
        )}
        <p id={countId} className={cx("text-xs tabular-nums", length > most ? "text-red" : "text-faint")}>
          {t("text.length", { count: length, most })}
          {value && ` · ${t("text.segments", { count: smsLength(value).segments })}`}
        </p>
      </div>
      {mistake && (
        <p
          role="status"
          className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg bg-red/12 px-3 py-1.5 text-xs text-red"
        >
          <span className="min-w-0 flex-1">{mistake.message}</span>
          <Button size="sm" variant="ghost" className="h-7 px-2 text-red" onClick={() => showMistake(mistake)}>
            {t("text.show_mistake")}
          </Button>
        </p>
      )}
      {found.some((piece) => piece.isVariable) && (
        <p aria-hidden className="rounded-lg border border-line bg-raised/60 px-3 py-2 break-words whitespace-pre-wrap">
          {found.map((piece, index) =>
            piece.isVariable ? (
              <span key={index} className="rounded bg-blue/12 px-1 font-mono text-[0.8125rem] text-blue">
                {piece.text.replace(/^\{+\s*|\s*\}+$/g, "")}
              </span>
            ) : (
              piece.text
            ),
          )}
        </p>
      )}
    </div>
  );
}
