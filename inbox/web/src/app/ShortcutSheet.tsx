import { useTranslation } from "react-i18next";

import { shown } from "@/lib/shortcuts";
import { Dialog, Kbd } from "@/ui";

const GROUPS = {
  everywhere: ["mod+k", "?", "g m", "g u", "g b", "g t", "g a", "g n", "g s"],
  list: ["j", "k", "Enter", "x", "Escape", "f"],
  thread: ["r", "n", "c", "a", "e", "p", "o"],
  composer: ["/", "mod+Enter", "Shift+Enter", "mod+/", "Escape"],
} as const;

/** All keys, on `?`. */
export function ShortcutSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation();
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t("shortcuts.title")}
      className="w-[min(44rem,calc(100vw-1.5rem))]"
    >
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {Object.entries(GROUPS).map(([group, keys]) => (
          <section key={group}>
            <h3 className="mb-1.5 text-xs font-semibold tracking-wide text-faint uppercase">
              {t(`shortcuts.groups.${group}`)}
            </h3>
            <dl>
              {keys.map((key) => (
                <div key={key} className="flex items-center justify-between gap-3 py-1">
                  <dt className="text-[0.8125rem]">{t(`shortcuts.${group}.${key}`)}</dt>
                  <dd className="flex gap-1">
                    {shown(key)
                      .split(/[ +]/)
                      .map((part, at) => (
                        <Kbd key={at}>{part}</Kbd>
                      ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
