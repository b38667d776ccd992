import type { Id } from "@turumba/realtime";
import { MessagesSquare } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "@tanstack/react-router";

import { useLive } from "@/app/live";
import { prefs, usePrefs } from "@/app/prefs";
import { useIsPhone, useMedia } from "@/lib/media";
import { useShortcuts } from "@/lib/shortcuts";
import { EmptyState, Kbd, Sheet } from "@/ui";
import { ListColumn } from "./list/ListColumn";
import { Panel } from "./panel/Panel";
import { useGo, usePlace } from "./place";
import { ThreadColumn } from "./thread/ThreadColumn";
import { Views } from "./Views";

/** The agent's desk: views, conversations, the thread, and whom it is with. */
export function InboxPage() {
  const { t } = useTranslation("inbox");
  const { view, conversation, search, query } = usePlace();
  const live = useLive();
  const go = useGo();
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const hasViews = useMedia("(min-width: 1100px)");
  const hasPanel = useMedia("(min-width: 1280px)");
  const { panel } = usePrefs();
  const [views, setViews] = useState(false);
  const [sheet, setSheet] = useState(false);
  const { chosen, choose, clear } = useChosen(query);
  const searchRef = useRef<HTMLInputElement>(null);

  useEffect(() => void live.openList(query), [live, query]);
  useEffect(() => {
    if (conversation) void live.openThread(conversation);
    setSheet(false);
  }, [live, conversation]);

  const open = useCallback((id: Id) => go.toConversation(view, id, search), [go, view, search]);
  const close = useCallback(() => go.toView(view, search), [go, view, search]);
  const togglePanel = () => (hasPanel ? prefs.set({ panel: !panel }) : setSheet((isOpen) => !isOpen));

  const step = (by: 1 | -1) => {
    const { ids } = live.store.list(query);
    const at = conversation ? ids.indexOf(conversation) : -1;
    const next = ids[at < 0 ? 0 : at + by];
    if (next) go.toConversation(view, next, search, true);
  };
  const places = { "g m": "mine", "g u": "unassigned", "g b": "bot", "g t": "team", "g a": "all", "g n": "mentions" };
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    f: () => searchRef.current?.focus(),
    x: () => conversation && choose(conversation, false),
    c: () => conversation && togglePanel(),
    Escape: () => (chosen.size ? clear() : conversation && close()),
    "g s": () => void navigate({ to: "/settings" }),
    ...Object.fromEntries(Object.entries(places).map(([keys, to]) => [keys, () => go.toView(to)])),
  });

  const showsList = !isPhone || !conversation;
  const showsThread = !isPhone || conversation !== null;
  return (
    <div className="flex min-h-0 flex-1">
      {hasViews && (
        <div className="w-52 shrink-0 overflow-y-auto border-r border-line bg-page">
          <Views view={view} />
        </div>
      )}
      {showsList && (
        <div className={isPhone ? "min-w-0 flex-1" : "w-[21.5rem] shrink-0 border-r border-line"}>
          <ListColumn
            view={view}
            query={query}
            search={search}
            open={conversation}
            chosen={chosen}
            onOpen={open}
            onChoose={choose}
            onClearChosen={clear}
            searchRef={searchRef}
            onViews={hasViews ? undefined : () => setViews(true)}
          />
        </div>
      )}
      {showsThread && (
        <div className="flex min-w-0 flex-1">
          {conversation ? (
            <ThreadColumn
              key={conversation}
              id={conversation}
              onBack={isPhone ? close : undefined}
              onClose={close}
              onPanel={togglePanel}
              isPanelOpen={hasPanel ? panel : sheet}
            />
          ) : (
            <EmptyState
              className="flex-1"
              icon={<MessagesSquare />}
              title={t("thread.none.title")}
              text={
                <>
                  {t("thread.none.text")} <Kbd>J</Kbd> <Kbd>K</Kbd> · <Kbd>?</Kbd>
                </>
              }
            />
          )}
          {conversation && hasPanel && panel && (
            <aside
              aria-label={t("panel.label")}
              className="w-76 shrink-0 overflow-y-auto border-l border-line bg-section"
            >
              <Panel key={conversation} id={conversation} />
            </aside>
          )}
        </div>
      )}
      {!hasPanel && conversation && (
        <Sheet open={sheet} onOpenChange={setSheet} title={t("panel.label")}>
          <div className="-mx-5">
            <Panel key={conversation} id={conversation} />
          </div>
        </Sheet>
      )}
      <Sheet open={views} onOpenChange={setViews} title={t("views.label")} className="right-auto left-0 w-72">
        <div className="-mx-3">
          <Views view={view} onChosen={() => setViews(false)} />
        </div>
      </Sheet>
    </div>
  );
}

/** The conversations that are chosen for a common deed; another list begins with none. */
function useChosen(query: ReturnType<typeof usePlace>["query"]) {
  const live = useLive();
  const [chosen, setChosen] = useState<ReadonlySet<Id>>(NONE);
  const last = useRef<Id | null>(null);
  const clear = useCallback(() => setChosen(NONE), []);
  useEffect(clear, [clear, query]);

  const choose = useCallback(
    (id: Id, range: boolean) => {
      const { ids } = live.store.list(query);
      const [from, to] = [last.current ? ids.indexOf(last.current) : -1, ids.indexOf(id)];
      last.current = id;
      setChosen((before) => {
        const next = new Set(before);
        if (range && from >= 0 && to >= 0) {
          for (const one of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(one);
        } else if (!next.delete(id)) {
          next.add(id);
        }
        return next;
      });
    },
    [live, query],
  );
  return { chosen, choose, clear };
}

const NONE: ReadonlySet<Id> = new Set();
