import { X } from "lucide-react";
import { useId, useRef, useState, type ClipboardEvent, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";

import { cx } from "./cx";
import { useFieldControl } from "./field";
import { controlClasses } from "./input";

interface ChipsInputProps {
  value: string[];
  onChange: (value: string[]) => void;
  placeholder?: string;
  /** Offered while typing. */
  suggestions?: readonly string[];
  /** How a typed word is written in the list. */
  normalize?: (word: string) => string;
  /** Numbers of words that were refused. */
  invalid?: readonly number[];
  disabled?: boolean;
  onBlur?: () => void;
}

/** A list of words: Enter or a comma adds one, Backspace in the empty box takes the last away. */
export function ChipsInput({
  value,
  onChange,
  placeholder,
  suggestions,
  normalize = (word) => word,
  invalid = [],
  disabled = false,
  onBlur,
}: ChipsInputProps) {
  const { t } = useTranslation("ui");
  const { readOnly, ...field } = useFieldControl();
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const locked = readOnly || disabled;

  const add = (words: string) => {
    const wanted = words.split(/[,\n]/).map((word) => normalize(word.trim()));
    setText("");
    const next = new Set([...value, ...wanted.filter(Boolean)]);
    if (next.size > value.length) onChange([...next]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      // in an empty box it sends the form, as in every other box
      if (text.trim() === "") return;
      event.preventDefault();
      add(text);
    } else if (event.key === "Backspace" && text === "") {
      onChange(value.slice(0, -1));
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData("text");
    if (!/[,\n]/.test(pasted)) return;
    event.preventDefault();
    add(text + pasted);
  };

  return (
    <div
      onClick={() => input.current?.focus()}
      className={cx(
        controlClasses,
        "flex min-h-9 cursor-text flex-wrap items-center gap-1.5 py-1",
        "has-[input:focus-visible]:border-brand has-[input:focus-visible]:outline-1 has-[input:focus-visible]:outline-brand",
        field["aria-invalid"] && "border-red",
        locked && "border-line bg-transparent",
      )}
    >
      {value.map((word, index) => (
        <span
          key={word}
          className={cx(
            "inline-flex min-h-6 max-w-full items-center gap-1 rounded-md pl-2 text-[0.8125rem]",
            locked && "pr-2",
            invalid.includes(index) ? "bg-red/12 text-red" : "bg-hover text-ink",
          )}
        >
          <span className="truncate">{word}</span>
          {!locked && (
            <button
              type="button"
              aria-label={t("remove_word", { word })}
              onClick={() => onChange(value.filter((other) => other !== word))}
              className="flex size-6 items-center justify-center rounded-md text-muted hover:text-ink"
            >
              <X aria-hidden className="size-3.5" />
            </button>
          )}
        </span>
      ))}
      {!locked && (
        <input
          {...field}
          ref={input}
          value={text}
          list={suggestions ? listId : undefined}
          placeholder={value.length === 0 ? placeholder : undefined}
          autoComplete="off"
          // not by its key: keyboards on phones do not tell which one was pressed
          onChange={(event) =>
            event.target.value.endsWith(",") ? add(event.target.value) : setText(event.target.value)
          }
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          // what was typed and not entered is meant too
          onBlur={() => {
            add(text);
            onBlur?.();
          }}
          className="h-7 min-w-28 flex-1 bg-transparent text-ink outline-none"
        />
      )}
      {locked && value.length === 0 && <span className="text-faint">—</span>}
      {suggestions && (
        <datalist id={listId}>
          {suggestions
            .filter((word) => !value.includes(word))
            .map((word) => (
              <option key={word} value={word} />
            ))}
        </datalist>
      )}
    </div>
  );
}
