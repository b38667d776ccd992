import { Check, Copy } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Button, IconButton } from "./button";
import { cx } from "./cx";
import { useToast } from "./toast";

/** Outside secure contexts there is no clipboard to write to; the old command still is. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    (document.activeElement?.closest("[role=dialog]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function useCopy(text: string) {
  const { t } = useTranslation("ui");
  const toast = useToast();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    if (await copyText(text)) setCopied(true);
    else toast.error(t("copy_failed"));
  };
  return { copied, copy: () => void copy(), word: copied ? t("copied") : t("copy") };
}

export function CopyButton({ text, children }: { text: string; children?: ReactNode }) {
  const { copied, copy, word } = useCopy(text);
  const icon = copied ? <Check aria-hidden className="text-green" /> : <Copy aria-hidden />;
  return children ? (
    <Button icon={<span className="[&_svg]:size-4">{icon}</span>} onClick={copy}>
      {copied ? word : children}
    </Button>
  ) : (
    <IconButton label={word} icon={icon} onClick={copy} />
  );
}

interface CopyFieldProps {
  label: string;
  text: string;
  /** Several lines, with their breaks. */
  multiline?: boolean;
  hint?: ReactNode;
}

/** Something to take elsewhere: an address, a snippet. */
export function CopyField({ label, text, multiline, hint }: CopyFieldProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <span className="font-medium">{label}</span>
      <div className="flex items-start gap-1 rounded-lg border border-line bg-raised pl-3">
        <code
          // can be reached, so that a long text can be scrolled by keyboard
          tabIndex={0}
          aria-label={label}
          className={cx(
            "min-w-0 flex-1 overflow-x-auto py-2.5 font-mono text-[0.8125rem] text-ink",
            multiline ? "break-all whitespace-pre-wrap" : "whitespace-nowrap",
          )}
        >
          {text}
        </code>
        <CopyButton text={text} />
      </div>
      {hint && <p className="text-xs text-faint">{hint}</p>}
    </div>
  );
}
