import { CommandError, type Conversation, type ConversationStatus, type Id, type Priority } from "@turumba/realtime";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useLive } from "@/app/live";
import { useToast } from "@/ui";
import type { InboxSync } from "./store/sync";

type Change = (live: InboxSync, one: Conversation) => Promise<unknown>;

const assign =
  (agent: Id | null): Change =>
  (live, one) =>
    live.change("conversation:assign", {
      conversation_id: one.id,
      assignee_id: agent,
      // whoever was faster keeps it
      expected_assignee_id: one.status === "assigned" || one.status === "pending" ? one.assignee_id : null,
    });

export const changes = {
  take: ((live, one) => assign(live.store.viewer.userId)(live, one)) as Change,
  assign,
  team:
    (team: Id | null): Change =>
    (live, one) =>
      live.change("conversation:assign", { conversation_id: one.id, team_id: team }),
  status:
    (status: ConversationStatus): Change =>
    (live, one) =>
      live.change("conversation:status", { conversation_id: one.id, status }),
  priority:
    (priority: Priority): Change =>
    (live, one) =>
      live.change("conversation:update", { conversation_id: one.id, priority }),
  labels:
    (labels: string[]): Change =>
    (live, one) =>
      live.change("conversation:update", { conversation_id: one.id, labels }),
  addLabel:
    (label: string): Change =>
    (live, one) =>
      one.labels.includes(label)
        ? Promise.resolve()
        : live.change("conversation:update", { conversation_id: one.id, labels: [...one.labels, label] }),
};

/** Does a change to one conversation or to several, and says what went wrong. */
export function useChange() {
  const { t } = useTranslation("inbox");
  const live = useLive();
  const toast = useToast();
  return useMemo(() => {
    const explain = (error: unknown): string => {
      if (!(error instanceof CommandError)) throw error;
      const holder = (error.details.assignee as { name?: string } | undefined)?.name;
      if (error.code === "conflict" && holder) return t("errors.taken", { name: holder });
      return t(`errors.${error.code}`, { defaultValue: error.message });
    };
    return {
      async one(id: Id, change: Change): Promise<boolean> {
        const conversation = live.store.conversation(id);
        if (!conversation) return false;
        try {
          await change(live, conversation);
          return true;
        } catch (error) {
          toast.error(t("errors.title"), { text: explain(error), key: `change ${id}` });
          return false;
        }
      },
      async several(ids: readonly Id[], change: Change): Promise<void> {
        const failed: string[] = [];
        for (const id of ids) {
          const conversation = live.store.conversation(id);
          if (!conversation) continue;
          try {
            await patiently(() => change(live, conversation));
          } catch (error) {
            failed.push(explain(error));
          }
        }
        if (failed.length) {
          toast.error(t("bulk.failed", { count: failed.length, total: ids.length }), { text: failed[0] });
        } else {
          toast.success(t("bulk.done", { count: ids.length }));
        }
      },
      async message(work: () => Promise<unknown>): Promise<void> {
        try {
          await work();
        } catch (error) {
          toast.error(t("errors.title"), { text: explain(error) });
        }
      },
    };
  }, [live, t, toast]);
}

/** Many at once are slowed down by the hub; the rest waits for its turn. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof CommandError) || error.code !== "rate_limited") throw error;
      await new Promise((done) => setTimeout(done, error.retryAfter ?? 500));
    }
  }
}
