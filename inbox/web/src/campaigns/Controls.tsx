import { useNavigate } from "@tanstack/react-router";
import { Ban, FlaskConical, Gauge, Pause, Pencil, Play, RotateCcw, Send, Trash2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done } from "@/api/client";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import { RowMenu } from "@/settings/common/row-menu";
import { Button, MenuItem, useConfirm, useReadOnly } from "@/ui";
import { groupMessages, isOver, isUnderWay, type Change, type GroupMessage } from "./data";
import { RateDialog } from "./RateDialog";
import { TestSend } from "./TestSend";

interface Deed {
  name: string;
  icon: ReactNode;
  act: () => void;
  variant?: "primary" | "danger";
}

/** What can be done with a group message as it stands: buttons on its page, a menu in the list. */
export function Controls({ message, inMenu = false }: { message: GroupMessage; inMenu?: boolean }) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const readOnly = useReadOnly();
  const [dialog, setDialog] = useState<"rate" | "test" | null>(null);
  const deeds = useDeeds(message, setDialog);
  const name = message.name ?? t("group_messages.untitled");
  const remove = useRemove(message, !inMenu);
  const canRemove = message.status === "draft" || isOver(message.status);
  if (readOnly) return null;
  const dialogs = (
    <>
      {dialog === "rate" && <RateDialog message={message} onClose={() => setDialog(null)} />}
      {dialog === "test" && <TestSend message={message} onClose={() => setDialog(null)} />}
    </>
  );
  const onDelete = {
    title: t("group_messages.delete_title", { name }),
    text: t("group_messages.delete_text"),
    action: remove,
  };
  if (inMenu) {
    return (
      <>
        <RowMenu name={name} {...(canRemove && { onDelete })}>
          {deeds.map((deed) => (
            <MenuItem key={deed.name} icon={deed.icon} danger={deed.variant === "danger"} onSelect={deed.act}>
              {t(`controls.${deed.name}`)}
            </MenuItem>
          ))}
        </RowMenu>
        {dialogs}
      </>
    );
  }
  return (
    <>
      {deeds.map((deed) => (
        <Button key={deed.name} icon={deed.icon} onClick={deed.act} variant={deed.variant ?? "secondary"}>
          {t(`controls.${deed.name}`)}
        </Button>
      ))}
      {canRemove && <RemoveButton label={settings("delete")} {...onDelete} />}
      {dialogs}
    </>
  );
}

function RemoveButton(props: { label: string; title: string; text: string; action: () => Promise<void> }) {
  const confirm = useConfirm();
  const { label, ...question } = props;
  return (
    <Button
      icon={<Trash2 aria-hidden className="size-4" />}
      onClick={() => void confirm({ ...question, confirm: label, danger: true })}
    >
      {label}
    </Button>
  );
}

function useRemove(message: GroupMessage, leaves: boolean) {
  const { t: settings } = useTranslation("settings");
  const changed = useChanged();
  const navigate = useNavigate();
  return async () => {
    await done(api.DELETE("/v1/group-messages/{id}", { params: { path: { id: message.id } } }));
    if (leaves) await navigate({ to: "/group-messages" });
    await changed(["group-messages"], settings("deleted"));
  };
}

function useDeeds(message: GroupMessage, open: (dialog: "rate" | "test") => void): Deed[] {
  const { t } = useTranslation("sending");
  const confirm = useConfirm();
  const attempt = useAttempt();
  const changed = useChanged();
  const navigate = useNavigate();
  const { status } = message;
  const size = "size-4";
  const change = async (body: Change, said: string) => {
    await groupMessages.change(message.id, body);
    await changed(["group-messages"], t(`controls.said.${said}`));
  };
  const deeds: Deed[] = [];
  if (status === "draft") {
    const params = { groupMessageId: message.id };
    deeds.push({
      name: "edit",
      icon: <Pencil aria-hidden className={size} />,
      act: () => void navigate({ to: "/group-messages/$groupMessageId/edit", params }),
    });
  }
  if (status === "draft" || isUnderWay(status)) {
    deeds.push({ name: "test", icon: <FlaskConical aria-hidden className={size} />, act: () => open("test") });
  }
  if (isUnderWay(status)) {
    deeds.push({ name: "rate", icon: <Gauge aria-hidden className={size} />, act: () => open("rate") });
  }
  if (status === "queued" || status === "processing") {
    deeds.push({
      name: "pause",
      icon: <Pause aria-hidden className={size} />,
      act: () => void attempt(() => change({ status: "paused" }, "paused")),
    });
  }
  if (status === "paused") {
    deeds.push({
      name: "resume",
      icon: <Play aria-hidden className={size} />,
      variant: "primary",
      act: () => void attempt(() => change({ status: "queued" }, "resumed")),
    });
  }
  if (isUnderWay(status)) {
    deeds.push({
      name: "cancel",
      icon: <Ban aria-hidden className={size} />,
      variant: "danger",
      act: () =>
        void confirm({
          title: t("controls.cancel_title"),
          text: t("controls.cancel_text"),
          confirm: t("controls.cancel"),
          cancel: t("controls.cancel_not"),
          danger: true,
          action: () => change({ status: "cancelled" }, "cancelled"),
        }),
    });
  }
  if (status === "draft") {
    deeds.push({
      name: "send",
      icon: <Send aria-hidden className={size} />,
      variant: "primary",
      act: () =>
        void confirm({
          title: t("controls.send_title"),
          text: t("controls.send_text"),
          confirm: t("controls.send"),
          action: () => change({ status: "queued" }, "sent"),
        }),
    });
  }
  if (isOver(status) && status !== "cancelled" && message.failed_count > 0) {
    deeds.push({
      name: "retry",
      icon: <RotateCcw aria-hidden className={size} />,
      variant: "primary",
      act: () =>
        void confirm({
          title: t("controls.retry_title", { count: message.failed_count }),
          text: t("controls.retry_text"),
          confirm: t("controls.retry"),
          action: async () => {
            const params = { path: { id: message.id } };
            const told = await data(api.POST("/v1/group-messages/{id}/retry", { params }));
            await changed(["group-messages", "recipients"], t("controls.retried", { count: told.retried }));
          },
        }),
    });
  }
  return deeds;
}
