import { useState } from "preact/hooks";

import { local } from "./local";

/** First letters of the first and the last word. */
const initials = (name: string) => {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
};

export function Avatar({ name, picture }: { name: string; picture?: string | null | undefined }) {
  const [isBroken, setBroken] = useState(false);
  return (
    <span class="avatar" aria-hidden="true">
      {picture && !isBroken ? <img src={local(picture)} alt="" onError={() => setBroken(true)} /> : initials(name)}
    </span>
  );
}
