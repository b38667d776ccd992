import { pieces } from "@/settings/common/text-with-variables";
import { cx } from "@/ui";

/** A text in which variables stand out. */
export function Chips({ text, className }: { text: string; className?: string }) {
  return (
    <span className={cx("break-words whitespace-pre-wrap", className)}>
      {pieces(text).map((piece, index) =>
        piece.isVariable ? (
          <span key={index} className="rounded bg-blue/12 px-1 font-mono text-[0.8125em] text-blue">
            {piece.text.replace(/^\{+\s*|\s*\}+$/g, "")}
          </span>
        ) : (
          piece.text
        ),
      )}
    </span>
  );
}
