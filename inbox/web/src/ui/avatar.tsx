import { Avatar as Radix } from "radix-ui";
import type { ReactNode } from "react";

import { hubPath } from "@/lib/url";
import { cx } from "./cx";
import { softTone, type Tone } from "./tone";

const tones: Tone[] = ["blue", "teal", "green", "orange", "purple", "red"];

/** The same name always gets the same colour. */
function toneOf(name: string): Tone {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return tones[sum % tones.length] ?? "blue";
}

/** The first letters of the first and the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0] ?? "";
  const last = words.length > 1 ? (words[words.length - 1] ?? "") : "";
  return ([...first].slice(0, 1).join("") + [...last].slice(0, 1).join("")).toLocaleUpperCase() || "?";
}

const sizes = { xs: "size-5 text-[0.625rem]", sm: "size-7 text-xs", md: "size-9 text-sm", lg: "size-12 text-lg" };

interface AvatarProps {
  name: string;
  src?: string | null;
  size?: keyof typeof sizes;
  /** Sits on the lower right edge: a presence dot, a channel's icon. */
  corner?: ReactNode;
  className?: string;
}

/** A person's picture or initials. The name must stand beside it, so it says nothing to screen readers. */
export function Avatar({ name, src, size = "md", corner, className }: AvatarProps) {
  const look = cx(
    "inline-flex items-center justify-center overflow-hidden rounded-full font-semibold select-none",
    sizes[size],
    softTone[toneOf(name)],
  );
  return (
    <span aria-hidden className={cx("relative inline-flex shrink-0 rounded-full bg-section", className)}>
      {src ? (
        <Radix.Root className={look}>
          <Radix.Image src={hubPath(src)} alt="" className="size-full object-cover" />
          {/* drawn, not written: the initials are no part of the text around them */}
          <Radix.Fallback data-initials={initials(name)} className="before:content-[attr(data-initials)]" />
        </Radix.Root>
      ) : (
        // lists draw hundreds of them: no machinery where there is no picture to wait for
        <span className={look}>{initials(name)}</span>
      )}
      {corner && <span className="absolute -right-0.5 -bottom-0.5 inline-flex">{corner}</span>}
    </span>
  );
}
