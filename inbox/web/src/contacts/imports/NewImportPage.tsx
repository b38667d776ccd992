import { useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { useRef, useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";

import { api, data, type Schemas } from "@/api/client";
import { upload } from "@/api/upload";
import { useAccount } from "@/app/account";
import { ActionBar, Card, PageHeader } from "@/settings/common/page";
import { Banner, Button, cx, EmptyState } from "@/ui";
import { fault } from "./data";
import { Mapping } from "./Mapping";
import { DEFAULTS, Options, type ImportOptions } from "./Options";
import { Progress } from "./Progress";

type Preview = Schemas["One_ImportPreview"]["data"];

interface Read {
  upload_id: string;
  filename: string;
  preview: Preview;
}

/** A file, what its columns mean, a try without writing, and the import itself. */
export function NewImportPage() {
  const { t } = useTranslation("people");
  const { account, can } = useAccount();
  const navigate = useNavigate();
  const [read, setRead] = useState<Read | null>(null);
  const [mapping, setMapping] = useState<Record<string, string>>({});
  const [options, setOptions] = useState<ImportOptions>(DEFAULTS);
  const [progress, setProgress] = useState<number | null>(null);
  const [running, setRunning] = useState<{ id: string; isDry: boolean } | null>(null);
  const [busy, setBusy] = useState<"dry" | "real" | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const wrong = read ? fault(mapping) : null;

  const take = async (file: File) => {
    setRefusal(null);
    setProgress(0);
    try {
      const upload_id = await upload(account.account_id, file, new AbortController().signal, setProgress);
      const body = { upload_id, account_id: account.account_id };
      const preview = await data(api.POST("/v1/contact-imports/preview", { body }));
      setRead({ upload_id, filename: file.name, preview });
      setMapping(preview.mapping as Record<string, string>);
      setRunning(null);
    } catch (error) {
      setRefusal((error as Error).message);
    }
    setProgress(null);
  };
  const start = async (isDry: boolean) => {
    if (!read) return;
    setBusy(isDry ? "dry" : "real");
    setRefusal(null);
    try {
      const body = {
        account_id: account.account_id,
        upload_id: read.upload_id,
        mapping,
        on_duplicate: options.on_duplicate,
        tags: options.tags,
        dry_run: isDry,
        ...(options.group_id && { group_id: options.group_id }),
        ...(options.country && { default_country_code: options.country }),
      };
      const made = await data(api.POST("/v1/contact-imports", { body }));
      setRunning({ id: made.id, isDry });
    } catch (error) {
      setRefusal((error as Error).message);
    }
    setBusy(null);
  };
  const header = <PageHeader back={{ to: "/contact-imports", label: t("imports.title") }} title={t("imports.add")} />;
  if (!can("contacts.manage")) return <EmptyState title={t("imports.not_allowed")} />;
  const isOver = running && !running.isDry;
  return (
    <>
      {header}
      <div className="flex flex-col gap-5">
        {refusal && <Banner tone="red">{refusal}</Banner>}
        {!isOver && (
          <Card title={t("imports.step_file")} text={read ? undefined : t("imports.file_text")}>
            <FileBox name={read?.filename ?? null} progress={progress} onFile={(file) => void take(file)} />
          </Card>
        )}
        {read && !isOver && (
          <>
            <Card title={t("imports.step_mapping")} text={t("imports.mapping_text")}>
              <Mapping preview={read.preview} mapping={mapping} onChange={setMapping} />
              {wrong && (
                <Banner tone="orange" className="mt-4">
                  {t(`imports.faults.${wrong}`)}
                </Banner>
              )}
            </Card>
            <Card title={t("imports.step_options")}>
              <Options value={options} onChange={setOptions} />
            </Card>
          </>
        )}
        {running && (
          <Card
            title={t(running.isDry ? "imports.dry_result" : "imports.result")}
            text={running.isDry ? t("imports.dry_text") : undefined}
          >
            <Progress key={running.id} id={running.id} />
          </Card>
        )}
      </div>
      <ActionBar>
        {isOver ? (
          <Button variant="primary" onClick={() => void navigate({ to: "/contacts" })}>
            {t("imports.to_contacts")}
          </Button>
        ) : (
          <>
            <Button disabled={!read || wrong !== null} loading={busy === "dry"} onClick={() => void start(true)}>
              {t("imports.dry_run")}
            </Button>
            <Button
              variant="primary"
              disabled={!read || wrong !== null}
              loading={busy === "real"}
              onClick={() => void start(false)}
            >
              {t("imports.start")}
            </Button>
          </>
        )}
      </ActionBar>
    </>
  );
}

interface FileBoxProps {
  name: string | null;
  /** 0 to 1 while it is brought to the hub. */
  progress: number | null;
  onFile: (file: File) => void;
}

function FileBox({ name, progress, onFile }: FileBoxProps) {
  const { t } = useTranslation("people");
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cx(
        "flex flex-wrap items-center justify-center gap-3 rounded-xl border border-dashed border-field px-4 py-6 text-muted",
        isOver && "border-brand bg-blue/12",
      )}
    >
      <FileUp aria-hidden className="size-5" />
      <span className="min-w-0 truncate" role="status">
        {progress !== null
          ? t("imports.uploading", { percent: Math.round(progress * 100) })
          : (name ?? t("imports.drop"))}
      </span>
      <Button onClick={() => input.current?.click()} loading={progress !== null}>
        {name ? t("imports.other_file") : t("imports.choose_file")}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".csv,.tsv,.txt,text/csv"
        hidden
        aria-label={t("imports.choose_file")}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) onFile(file);
        }}
      />
    </div>
  );
}
