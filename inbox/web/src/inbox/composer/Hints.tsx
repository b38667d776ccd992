import type { Conversation } from "@turumba/realtime";
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { measure } from "@/lib/length";
import { smsLength } from "@/lib/sms";
import { cx } from "@/ui";
import type { Mode } from "./drafts";
import { unfilled } from "./variables";

/** From this share of a limit on, it is worth a word. */
const NEAR = 0.8;

const ENCODINGS = { gsm7: "GSM-7", ucs2: "UCS-2" };

interface Props {
  one: Conversation;
  text: string;
  mode: Mode;
  profile: Schemas["Profile"] | null;
}

/** What the channel makes of the text: SMS, length, and what is still to be filled in. */
export function Hints({ one, text, mode, profile }: Props) {
  const { t } = useTranslation("inbox");
  const missing = unfilled(text);
  if (mode === "note") return null;
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-3 text-xs text-faint tabular-nums" data-hints>
      {missing.length > 0 && <span className="text-orange">{t("hints.unfilled", { names: missing.join(", ") })}</span>}
      {text &&
        (one.channel_type === "sms" || one.channel_type === "smpp" ? (
          <Sms text={text} most={profile?.text.max_segments ?? null} />
        ) : (
          profile && <Length text={text} limit={profile.text} />
        ))}
    </span>
  );
}

function Sms({ text, most }: { text: string; most: number | null }) {
  const { t } = useTranslation("inbox");
  const { segments, left, encoding } = smsLength(text);
  const isOver = most !== null && segments > most;
  return (
    <span data-segments={segments} className={cx(isOver && "font-medium text-red")}>
      {t("hints.sms", { count: segments, left, encoding: ENCODINGS[encoding] })}
      {isOver && ` · ${t("hints.most", { count: most })}`}
    </span>
  );
}

function Length({ text, limit }: { text: string; limit: Schemas["Profile"]["text"] }) {
  const { t } = useTranslation("inbox");
  const length = measure(text, limit.unit);
  if (length < limit.max * NEAR) return null;
  const isOver = length > limit.max;
  return (
    <span className={cx(isOver && "font-medium text-orange")}>
      {length.toLocaleString()} / {limit.max.toLocaleString()}
      {isOver && ` · ${t("hints.split")}`}
    </span>
  );
}
