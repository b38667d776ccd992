import type { Id } from "@turumba/realtime";
import { RotateCcw } from "lucide-react";
import { useCallback, useRef, useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";

import { useAccount } from "@/app/account";
import { useInbox, useLive } from "@/app/live";
import { useShortcuts } from "@/lib/shortcuts";
import { Button, EmptyState, Skeleton } from "@/ui";
import { changes, useChange } from "../actions";
import { Composer, type ComposerHandle } from "../composer/Composer";
import type { Mode } from "../composer/drafts";
import { mayBecome } from "../transitions";
import { Header } from "./Header";
import { Presence } from "./Presence";
import { Timeline } from "./Timeline";

interface Props {
  id: Id;
  onBack?: (() => void) | undefined;
  onClose: () => void;
  onPanel: () => void;
  isPanelOpen: boolean;
}

/** One conversation: its head, its messages, who is there, and where one writes. */
export function ThreadColumn({ id, onBack, onClose, onPanel, isPanelOpen }: Props) {
  const { t } = useTranslation("inbox");
  const live = useLive();
  const phase = useInbox((store) => store.thread(id)?.phase ?? "loading");
  const error = useInbox((store) => store.thread(id)?.error ?? null);
  const one = useInbox((store) => store.conversation(id));
  const { can } = useAccount();
  const change = useChange();
  const composer = useRef<ComposerHandle>(null);
  const [isOver, setIsOver] = useState(false);
  const restore = useCallback(
    (text: string, mode: Mode, replyTo?: Id) => composer.current?.restore(text, mode, replyTo),
    [],
  );
  const quote = useCallback((message: Id) => composer.current?.quote(message), []);
  const mayWrite = can("conversations.reply");
  const hasFiles = (event: DragEvent) => mayWrite && event.dataTransfer.types.includes("Files");

  useShortcuts({
    r: () => composer.current?.focus("reply"),
    n: () => composer.current?.focus("note"),
    a: () => one && one.assignee_id !== live.store.viewer.userId && void change.one(id, changes.take),
    e: () => one && void change.one(id, changes.status(mayBecome(one, "resolved") ? "resolved" : "open")),
    p: () => one && mayBecome(one, "pending") && void change.one(id, changes.status("pending")),
    o: () => one && mayBecome(one, "open") && void change.one(id, changes.status("open")),
  });

  if (phase === "failed") {
    return (
      <EmptyState
        className="flex-1"
        title={t(error === "not_found" ? "thread.gone.title" : "thread.failed")}
        text={error === "not_found" ? t("thread.gone.text") : undefined}
        action={
          error === "not_found" ? (
            <Button onClick={onClose}>{t("thread.back")}</Button>
          ) : (
            <Button icon={<RotateCcw />} onClick={() => void live.openThread(id, true)}>
              {t("again")}
            </Button>
          )
        }
      />
    );
  }
  return (
    <section
      aria-label={t("thread.label")}
      className="relative flex min-w-0 flex-1 flex-col bg-page"
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setIsOver(false);
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setIsOver(false);
        composer.current?.addFiles([...event.dataTransfer.files]);
      }}
    >
      {isOver && (
        <div className="pointer-events-none absolute inset-2 z-30 flex items-center justify-center rounded-2xl border-2 border-dashed border-brand bg-page/85 text-lg font-semibold text-blue">
          {t("files.drop")}
        </div>
      )}
      {one ? <Header one={one} onBack={onBack} onPanel={onPanel} isPanelOpen={isPanelOpen} /> : <HeaderSkeleton />}
      {phase === "loading" ? (
        <Loading />
      ) : (
        <Timeline id={id} onRestore={restore} onQuote={mayWrite ? quote : undefined} />
      )}
      <Presence id={id} />
      {one && mayWrite && <Composer ref={composer} one={one} />}
    </section>
  );
}

function HeaderSkeleton() {
  return (
    <div aria-hidden className="flex h-14 items-center gap-3 border-b border-line bg-section px-4">
      <Skeleton className="size-9 rounded-full" />
      <Skeleton className="h-4 w-40" />
    </div>
  );
}

function Loading() {
  return (
    <div aria-hidden className="flex min-h-0 flex-1 flex-col justify-end gap-4 overflow-hidden p-4">
      {[48, 72, 36, 64].map((width, at) => (
        <div key={at} className={at % 2 ? "self-end" : undefined} style={{ width: `${width}%` }}>
          <Skeleton className="h-12 rounded-2xl" />
        </div>
      ))}
    </div>
  );
}
