import type { Attachment } from "@turumba/realtime";
import { Download, ExternalLink, FileText, Film, Link2, MapPin, Music } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { hubPath } from "@/lib/url";
import { cx } from "@/ui";

export function bytes(size: number, locale: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = size > 0 ? Math.min(3, Math.floor(Math.log(size) / Math.log(1024))) : 0;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: units[step]!,
    unitDisplay: "short",
    maximumFractionDigits: step > 1 ? 1 : 0,
  }).format(size / 1024 ** step);
}

/** The files of a message: pictures to look at, sound and film to play, the rest to fetch. */
export function Attachments({ files, isOwn }: { files: readonly Attachment[]; isOwn: boolean }) {
  const pictures = files.filter((file) => file.type === "image" && file.url);
  const others = files.filter((file) => !pictures.includes(file));
  const [shown, setShown] = useState<Attachment | null>(null);
  const { t } = useTranslation("inbox");
  return (
    <div className="flex flex-col gap-1.5">
      {pictures.length > 0 && (
        <div className={cx("grid gap-1", pictures.length > 1 && "grid-cols-2")}>
          {pictures.map((file, at) => (
            <button
              key={file.upload_id ?? at}
              type="button"
              onClick={() => setShown(file)}
              aria-label={t("files.look", { name: file.filename ?? t("files.picture") })}
              className="overflow-hidden rounded-lg"
            >
              <img
                src={hubPath(file.thumbnail_url ?? file.url!)}
                alt={file.caption ?? file.filename ?? ""}
                loading="lazy"
                className="max-h-64 min-h-20 w-full max-w-80 object-cover"
                style={file.width && file.height ? { aspectRatio: `${file.width} / ${file.height}` } : { height: 180 }}
              />
            </button>
          ))}
        </div>
      )}
      {others.map((file, at) => (
        <Other key={file.upload_id ?? at} file={file} isOwn={isOwn} />
      ))}
      <SentAsLinks files={files} />
      <Preview file={shown} onClose={() => setShown(null)} />
    </div>
  );
}

/** Which files the customer got as links, and why. */
function SentAsLinks({ files }: { files: readonly Attachment[] }) {
  const { t, i18n } = useTranslation("inbox");
  return files.map(
    (file, at) =>
      file.as_link && (
        <p key={file.upload_id ?? at} className="flex items-start gap-1.5 text-xs opacity-80">
          <Link2 aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          <span>
            {t(`files.asLink.${file.as_link.reason}`, { name: file.filename ?? t(`files.${file.type}`) })}
            {file.as_link.until &&
              ` ${t("files.linkUntil", {
                date: new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium" }).format(new Date(file.as_link.until)),
              })}`}
          </span>
        </p>
      ),
  );
}

function Other({ file, isOwn }: { file: Attachment; isOwn: boolean }) {
  const { t, i18n } = useTranslation("inbox");
  const name = file.filename ?? t(`files.${file.type}`, { defaultValue: t("files.document") });
  if (file.type === "audio" && file.url) {
    return (
      <audio controls preload="none" src={hubPath(file.url!)} aria-label={name} className="h-10 w-64 max-w-full" />
    );
  }
  if (file.type === "video" && file.url) {
    return (
      <video
        controls
        preload="metadata"
        src={hubPath(file.url!)}
        aria-label={name}
        className="max-h-64 max-w-80 rounded-lg"
      />
    );
  }
  if (file.type === "location" && file.latitude !== undefined && file.longitude !== undefined) {
    const place = `${file.latitude.toFixed(5)}, ${file.longitude.toFixed(5)}`;
    return (
      <a
        href={`https://www.openstreetmap.org/?mlat=${file.latitude}&mlon=${file.longitude}#map=16/${file.latitude}/${file.longitude}`}
        target="_blank"
        rel="noreferrer"
        className="flex items-center gap-2 underline underline-offset-2"
      >
        <MapPin aria-hidden className="size-4 shrink-0" />
        {place}
        <ExternalLink aria-hidden className="size-3.5" />
      </a>
    );
  }
  const Icon = file.type === "audio" ? Music : file.type === "video" ? Film : FileText;
  const inside = (
    <>
      <span
        className={cx(
          "flex size-9 shrink-0 items-center justify-center rounded-lg",
          isOwn ? "bg-white/15" : "bg-raised",
        )}
      >
        <Icon aria-hidden className="size-4.5" />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{name}</span>
        <span className="block text-xs opacity-80">
          {file.url ? file.file_size !== undefined && bytes(file.file_size, i18n.language) : t("files.coming")}
        </span>
      </span>
      {file.url && <Download aria-hidden className="size-4 shrink-0 opacity-80" />}
    </>
  );
  const look = "flex w-64 max-w-full items-center gap-2.5 rounded-lg p-1";
  if (!file.url) return <div className={look}>{inside}</div>;
  return (
    <a
      href={hubPath(file.url!)}
      download={name}
      target="_blank"
      rel="noreferrer"
      className={cx(look, "hover:bg-black/10")}
    >
      {inside}
    </a>
  );
}

function Preview({ file, onClose }: { file: Attachment | null; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  return (
    <Radix.Root open={file !== null} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 animate-fade-in bg-black/80" />
        <Radix.Content
          aria-describedby={undefined}
          onClick={onClose}
          className="fixed inset-0 z-50 flex flex-col items-center justify-center gap-3 p-4 outline-none"
        >
          <Radix.Title className="sr-only">{file?.filename ?? t("files.picture")}</Radix.Title>
          {file && (
            <>
              <img
                src={hubPath(file.url!)}
                alt={file.caption ?? file.filename ?? ""}
                className="max-h-[85vh] max-w-full animate-pop-in rounded-lg object-contain"
              />
              <a
                href={hubPath(file.url!)}
                download={file.filename ?? true}
                target="_blank"
                rel="noreferrer"
                onClick={(event) => event.stopPropagation()}
                className="inline-flex items-center gap-2 rounded-lg bg-white/10 px-3 py-1.5 text-white hover:bg-white/20"
              >
                <Download aria-hidden className="size-4" />
                {t("files.fetch")}
              </a>
            </>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
