import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import type { AgentEvents } from "@turumba/realtime";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { useAccount } from "@/app/account";
import { useInbox, useLive } from "@/app/live";
import { chime, desktop } from "@/app/notify";
import { useToast } from "@/ui";
import { contactName } from "./names";
import type { Notice } from "./store/sync";

/** Calls the agent: a toast, a sound, a notice of the desktop, and the number in the tab's title. */
export function useNotices(): void {
  const { t } = useTranslation("inbox");
  const live = useLive();
  const toast = useToast();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { can } = useAccount();
  const { conversation: open } = useParams({ strict: false }) as { conversation?: string };

  const told = useRef<(notice: Notice) => void>(() => undefined);
  told.current = (notice) => {
    if (notice.kind === "silence") {
      void client.invalidateQueries({ queryKey: ["channels"] });
      // it is for those who can do something about it
      if (notice.channel.since && can("channels.manage")) fallenSilent(notice.channel);
      return;
    }
    const { kind, conversation, reason } = notice;
    const isOpen = conversation.id === open && !document.hidden;
    const isMine = conversation.assignee_id === live.store.viewer.userId;
    // what colleagues hold, and what is being read, calls nobody
    if (kind === "message" && (isOpen || !isMine)) return;
    chime();
    const name = contactName(conversation);
    const title = t(`notice.${kind}`, { name });
    const go = () =>
      void navigate({ to: "/inbox/$view/$conversation", params: { view: "mine", conversation: conversation.id } });
    const why = reason ? t(`lines.picks.${reason}`, { defaultValue: reason }) : "";
    const text = kind === "assignment" ? why : (conversation.last_message_preview ?? "");
    desktop({ title, text, tag: conversation.id, onClick: go });
    if (kind !== "message" && !isOpen) {
      // one at a time: several would cover what is being written
      toast.info(title, { text, key: kind, action: { label: t("notice.open"), onClick: go } });
    }
  };

  const fallenSilent = ({ channel_id: id, name, of }: AgentEvents["channel:silence"]) => {
    const title = t(of === "receipts" ? "notice.receipts" : "notice.silence", { name });
    const go = () => void navigate({ to: "/settings/channels" });
    desktop({ title, text: "", tag: id, onClick: go });
    toast.error(title, { key: `silence of ${of} ${id}`, action: { label: t("notice.open"), onClick: go } });
  };

  useEffect(() => live.onNotice((notice) => told.current(notice)), [live]);

  const unread = useInbox((store) => store.unread.size);
  useEffect(() => {
    document.title = `${unread ? `(${unread}) ` : ""}${t("title")} · Turumba`;
  }, [unread, t]);
}
