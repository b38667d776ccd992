import { Smile } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { IconButton, Input, Popover, PopoverContent, PopoverTrigger } from "@/ui";
import { findEmoji } from "./emoji";

export function EmojiPicker({ onPick }: { onPick: (sign: string) => void }) {
  const { t } = useTranslation("inbox");
  const [open, setOpen] = useState(false);
  const [q, setQ] = useState("");
  const found = findEmoji(q);
  const pick = (sign: string) => {
    onPick(sign);
    setOpen(false);
    setQ("");
  };
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <IconButton label={t("composer.emoji")} icon={<Smile />} size="sm" />
      </PopoverTrigger>
      <PopoverContent
        side="top"
        align="start"
        className="w-76 p-2"
        aria-label={t("composer.emoji")}
        // the caret goes back to the text, not to the button
        onCloseAutoFocus={(event) => event.preventDefault()}
      >
        <Input
          autoFocus
          value={q}
          aria-label={t("composer.findEmoji")}
          placeholder={t("composer.findEmoji")}
          onChange={(event) => setQ(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !found[0]) return;
            event.preventDefault();
            pick(found[0][0]);
          }}
        />
        <div className="mt-2 grid h-52 grid-cols-8 content-start gap-0.5 overflow-y-auto">
          {found.map(([sign, names]) => (
            <button
              key={sign}
              type="button"
              aria-label={names}
              title={names}
              onClick={() => pick(sign)}
              className="flex size-8 items-center justify-center rounded-md text-xl hover:bg-hover"
            >
              {sign}
            </button>
          ))}
        </div>
      </PopoverContent>
    </Popover>
  );
}
