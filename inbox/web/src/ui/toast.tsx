import { uuid } from "@turumba/realtime";
import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { IconButton } from "./button";
import { cx } from "./cx";

type Kind = "success" | "error" | "info";

interface ToastOptions {
  text?: ReactNode;
  /** A button in the toast; pressing it closes the toast. */
  action?: { label: string; onClick: () => void };
  /** Milliseconds; errors stay longer. */
  duration?: number;
  /** A later toast with the same key takes the place of the earlier. */
  key?: string;
}

interface Shown extends ToastOptions {
  id: string;
  kind: Kind;
  title: string;
  open: boolean;
}

export interface Toaster {
  success: (title: string, options?: ToastOptions) => void;
  error: (title: string, options?: ToastOptions) => void;
  info: (title: string, options?: ToastOptions) => void;
}

const ToastContext = createContext<Toaster | null>(null);

/** Says that something happened: `toast.success(t('saved'))`. */
export function useToast(): Toaster {
  const toaster = use(ToastContext);
  if (!toaster) throw new Error("useToast needs a ToastProvider");
  return toaster;
}

const icons: Record<Kind, ReactNode> = {
  success: <CircleCheck aria-hidden className="text-green" />,
  error: <CircleAlert aria-hidden className="text-red" />,
  info: <Info aria-hidden className="text-blue" />,
};

/** Older toasts make room. */
const MOST = 4;

/** Mounted once around the application. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation("ui");
  const [toasts, setToasts] = useState<Shown[]>([]);

  const show = useCallback((kind: Kind, title: string, options: ToastOptions = {}) => {
    const id = uuid();
    setToasts((now) => {
      const others = options.key ? now.filter((toast) => toast.key !== options.key) : now;
      return [...others, { ...options, id, kind, title, open: true }].slice(-MOST);
    });
  }, []);

  const toaster = useMemo<Toaster>(
    () => ({
      success: (title, options) => show("success", title, options),
      error: (title, options) => show("error", title, options),
      info: (title, options) => show("info", title, options),
    }),
    [show],
  );

  const close = (id: string) => setToasts((now) => now.filter((toast) => toast.id !== id));

  return (
    <ToastContext value={toaster}>
      <Radix.Provider swipeDirection="left" label={t("notification")}>
        {children}
        {toasts.map((toast) => (
          <Radix.Root
            key={toast.id}
            type={toast.kind === "error" ? "foreground" : "background"}
            duration={toast.duration ?? (toast.kind === "error" ? 9000 : 4500)}
            onOpenChange={(open) => !open && close(toast.id)}
            className={cx(
              "flex w-full animate-rise-in items-start gap-3 rounded-xl border border-line bg-card p-3 shadow-pop",
              "data-[swipe=move]:translate-x-(--radix-toast-swipe-move-x)",
            )}
          >
            <span className="mt-px flex [&_svg]:size-5">{icons[toast.kind]}</span>
            <div className="min-w-0 flex-1">
              <Radix.Title className="font-medium break-words text-ink">{toast.title}</Radix.Title>
              {toast.text && (
                <Radix.Description className="mt-0.5 text-[0.8125rem] break-words text-muted">
                  {toast.text}
                </Radix.Description>
              )}
              {toast.action && (
                <Radix.Action
                  altText={toast.action.label}
                  onClick={toast.action.onClick}
                  className="mt-1.5 font-medium text-blue hover:underline"
                >
                  {toast.action.label}
                </Radix.Action>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label={t("close")} icon={<X />} size="sm" tooltip={false} className="-m-1" />
            </Radix.Close>
          </Radix.Root>
        ))}
        {/* where nothing is pressed: Send and Save stand at the right, and on a phone at the bottom */}
        <Radix.Viewport className="fixed top-0 left-0 z-70 flex w-[min(24rem,100vw)] flex-col gap-2 p-3 outline-none md:top-auto md:bottom-0 md:left-14 md:p-4" />
      </Radix.Provider>
    </ToastContext>
  );
}
