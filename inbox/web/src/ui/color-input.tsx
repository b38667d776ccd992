import { useFieldControl } from "./field";
import { Input } from "./input";

interface ColorInputProps {
  /** `#rrggbb` */
  value: string;
  onChange: (value: string) => void;
  onBlur?: () => void;
  /** Names the colour well, which the field's label does not reach. */
  label: string;
}

/** A colour, picked or written. */
export function ColorInput({ value, onChange, onBlur, label }: ColorInputProps) {
  const { readOnly } = useFieldControl();
  return (
    <div className="flex items-center gap-2">
      <input
        type="color"
        aria-label={label}
        disabled={readOnly}
        value={/^#[0-9a-f]{6}$/i.test(value) ? value : "#000000"}
        onChange={(event) => onChange(event.target.value)}
        className="h-9 w-12 shrink-0 cursor-pointer rounded-lg border border-field bg-section p-1 disabled:cursor-not-allowed"
      />
      <Input
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onBlur={onBlur}
        spellCheck={false}
        maxLength={7}
        className="w-28 font-mono"
      />
    </div>
  );
}
