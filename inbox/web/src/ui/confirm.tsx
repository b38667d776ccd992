import { AlertDialog as Radix } from "radix-ui";
import { createContext, use, useCallback, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "./button";

interface Question {
  title: string;
  text?: ReactNode;
  /** The name of the deed, on its button. */
  confirm: string;
  cancel?: string;
  danger?: boolean;
  /** Done while the dialog waits; a refusal keeps it open and shows the reason. */
  action?: () => Promise<void>;
}

type Confirm = (question: Question) => Promise<boolean>;

const ConfirmContext = createContext<Confirm | null>(null);

/** Asks before a deed: `if (await confirm({…})) …`. */
export function useConfirm(): Confirm {
  const confirm = use(ConfirmContext);
  if (!confirm) throw new Error("useConfirm needs a ConfirmProvider");
  return confirm;
}

/** Mounted once around the application. */
export function ConfirmProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation("ui");
  const [question, setQuestion] = useState<Question | null>(null);
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const answer = useRef<(yes: boolean) => void>(() => undefined);

  const ask = useCallback<Confirm>(
    (next) =>
      new Promise((resolve) => {
        answer.current = resolve;
        setRefusal(null);
        setQuestion(next);
        setOpen(true);
      }),
    [],
  );

  const finish = (yes: boolean) => {
    setOpen(false);
    answer.current(yes);
  };

  const act = async () => {
    if (!question?.action) return finish(true);
    setBusy(true);
    setRefusal(null);
    try {
      await question.action();
      finish(true);
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : t("failed"));
    } finally {
      setBusy(false);
    }
  };

  return (
    <ConfirmContext value={ask}>
      {children}
      <Radix.Root open={open} onOpenChange={(next) => !next && !busy && finish(false)}>
        <Radix.Portal>
          <Radix.Overlay className="fixed inset-0 z-60 animate-fade-in bg-overlay backdrop-blur-[2px]" />
          <Radix.Content className="fixed top-1/2 left-1/2 z-60 w-[min(27rem,calc(100vw-1.5rem))] -translate-x-1/2 -translate-y-1/2 animate-pop-in rounded-2xl border border-line bg-section p-5 shadow-pop">
            <Radix.Title className="text-lg font-semibold text-balance text-ink">{question?.title}</Radix.Title>
            <Radix.Description asChild>
              <div className="mt-1.5 text-pretty text-muted">{question?.text}</div>
            </Radix.Description>
            {refusal && (
              <p role="alert" className="mt-3 rounded-lg bg-red/12 px-3 py-2 text-red">
                {refusal}
              </p>
            )}
            <div className="mt-5 flex flex-wrap justify-end gap-2">
              <Radix.Cancel asChild>
                <Button disabled={busy}>{question?.cancel ?? t("cancel")}</Button>
              </Radix.Cancel>
              <Button variant={question?.danger ? "danger" : "primary"} loading={busy} onClick={() => void act()}>
                {question?.confirm}
              </Button>
            </div>
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </ConfirmContext>
  );
}
