import type { Message } from "@turumba/realtime";
import { Bot } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { cx } from "@/ui";

/** What the hub keeps of a mail beside its text. */
interface MailFacts {
  subject?: string;
  full_text?: string;
  html?: string;
  automatic?: string;
}

type Shown = "text" | "whole" | "html";

const factsOf = (message: Message) => ((message.metadata ?? {}) as { email?: MailFacts }).email;

/** The subject of a mail, above its text. */
export function Subject({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const facts = factsOf(message);
  if (!facts?.subject && !facts?.automatic) return null;
  return (
    <p className="mb-1 flex items-center gap-1.5 text-sm font-semibold break-words">
      {facts.automatic && <Bot role="img" aria-label={t("mail.automatic")} className="size-4 shrink-0 text-faint" />}
      <span dir="auto">{facts.subject}</span>
    </p>
  );
}

/** The mail as it came, for who wants to see more than what the customer wrote. */
export function Whole({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const [shown, setShown] = useState<Shown>("text");
  const facts = factsOf(message);
  const ways: Shown[] = [...(facts?.full_text ? ["whole" as const] : []), ...(facts?.html ? ["html" as const] : [])];
  if (!ways.length) return null;
  return (
    <div className="mt-1 text-xs">
      <div className="flex gap-3">
        {ways.map((way) => (
          <button
            key={way}
            type="button"
            aria-expanded={shown === way}
            onClick={() => setShown(shown === way ? "text" : way)}
            className={cx("underline-offset-2 opacity-85 hover:underline", shown === way && "font-semibold")}
          >
            {t(`mail.${way}`)}
          </button>
        ))}
      </div>
      {shown === "whole" && (
        <p dir="auto" className="mt-1 max-h-96 overflow-y-auto border-l-2 border-line pl-2 break-words whitespace-pre-wrap">
          {facts?.full_text}
        </p>
      )}
      {/* the hub has cleaned it; the frame runs nothing and has no rights, whatever it holds */}
      {shown === "html" && (
        <iframe
          title={t("mail.html")}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
          srcDoc={`<style>body{font:14px sans-serif;margin:8px}img{display:none}</style>${facts?.html ?? ""}`}
          className="mt-1 h-96 w-[min(38rem,70vw)] resize-y rounded border border-line bg-white"
        />
      )}
    </div>
  );
}
