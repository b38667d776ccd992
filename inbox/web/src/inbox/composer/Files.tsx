import type { Id } from "@turumba/realtime";
import { FileText, RotateCcw, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { cx, IconButton } from "@/ui";
import { bytes } from "../thread/Attachments";
import { uploads, type Upload } from "./uploads";

interface Props {
  conversation: Id;
  accountId: Id;
  files: readonly Upload[];
}

/** The files that will go with the message, and how far each is. */
export function Files({ conversation, accountId, files }: Props) {
  const { t } = useTranslation("inbox");
  if (!files.length) return null;
  return (
    <ul aria-label={t("files.chosen")} className="flex flex-wrap gap-2 px-3 pt-2">
      {files.map((upload) => (
        <li
          key={upload.key}
          data-upload={upload.phase}
          className={cx(
            "relative flex w-56 items-center gap-2 overflow-hidden rounded-lg border bg-card p-1.5 pr-1",
            upload.phase === "failed" ? "border-red" : "border-line",
          )}
        >
          <Thumbnail file={upload.file} />
          <div className="min-w-0 flex-1">
            <p className="truncate text-[0.8125rem] font-medium">{upload.file.name}</p>
            <Progress upload={upload} />
          </div>
          {upload.phase === "failed" && (
            <IconButton
              label={t("again")}
              icon={<RotateCcw />}
              size="sm"
              onClick={() => uploads.retry(conversation, accountId, upload.key)}
            />
          )}
          <IconButton
            label={t("files.remove", { name: upload.file.name })}
            icon={<X />}
            size="sm"
            onClick={() => uploads.remove(conversation, upload.key)}
          />
          {upload.phase !== "done" && upload.phase !== "failed" && (
            <span
              aria-hidden
              className="absolute bottom-0 left-0 h-0.5 bg-brand transition-[width]"
              style={{ width: `${Math.max(4, upload.progress * 100)}%` }}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

function Progress({ upload }: { upload: Upload }) {
  const { t, i18n } = useTranslation("inbox");
  const text = {
    sending: t("files.sending", { percent: Math.round(upload.progress * 100) }),
    waiting: t("files.waiting"),
    done: bytes(upload.file.size, i18n.language),
    failed: upload.error ?? t("files.failed"),
  }[upload.phase];
  return <p className={cx("truncate text-xs", upload.phase === "failed" ? "text-red" : "text-faint")}>{text}</p>;
}

function Thumbnail({ file }: { file: File }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!file.type.startsWith("image/")) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url ? (
    <img src={url} alt="" className="size-9 rounded-md object-cover" />
  ) : (
    <span className="flex size-9 items-center justify-center rounded-md bg-raised text-muted">
      <FileText aria-hidden className="size-4.5" />
    </span>
  );
}
