import { useNavigate } from "@tanstack/react-router";
import { Ban, Pause, Play, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useAttempt, useChanged } from "@/settings/common/hooks";
import { RowMenu } from "@/settings/common/row-menu";
import { Button, MenuItem, useConfirm, useReadOnly } from "@/ui";
import { isOpen, isOver, schedules, type Change, type Schedule } from "./data";

interface Deed {
  name: "pause" | "resume" | "cancel";
  icon: ReactNode;
  act: () => void;
}

/** Pause, resume, cancel, delete: whatever the schedule's state allows. */
export function Controls({ schedule, inMenu = false }: { schedule: Schedule; inMenu?: boolean }) {
  const { t } = useTranslation("sending");
  const { t: settings } = useTranslation("settings");
  const readOnly = useReadOnly();
  const confirm = useConfirm();
  const attempt = useAttempt();
  const changed = useChanged();
  const navigate = useNavigate();
  const { id, status } = schedule;
  const name = schedule.name ?? t("group_messages.untitled");
  if (readOnly) return null;
  const change = async (body: Change, said: string) => {
    await schedules.change(id, body);
    await changed(["scheduled-messages"], t(`schedules.said.${said}`));
  };
  const deeds: Deed[] = [];
  if (status === "pending") {
    deeds.push({
      name: "pause",
      icon: <Pause aria-hidden className="size-4" />,
      act: () => void attempt(() => change({ status: "paused" }, "paused")),
    });
  }
  if (status === "paused") {
    deeds.push({
      name: "resume",
      icon: <Play aria-hidden className="size-4" />,
      act: () => void attempt(() => change({ status: "pending" }, "resumed")),
    });
  }
  if (isOpen(status)) {
    deeds.push({
      name: "cancel",
      icon: <Ban aria-hidden className="size-4" />,
      act: () =>
        void confirm({
          title: t("schedules.cancel_title", { name }),
          text: t("schedules.cancel_text"),
          confirm: t("schedules.cancel"),
          cancel: t("schedules.cancel_not"),
          danger: true,
          action: () => change({ status: "cancelled" }, "cancelled"),
        }),
    });
  }
  const onDelete = {
    title: t("schedules.delete_title", { name }),
    text: t("schedules.delete_text"),
    action: async () => {
      await schedules.remove(id);
      if (!inMenu) await navigate({ to: "/scheduled-messages" });
      await changed(["scheduled-messages"], settings("deleted"));
    },
  };
  if (inMenu) {
    return (
      <RowMenu
        name={name}
        onOpen={() => void navigate({ to: "/scheduled-messages/$scheduleId", params: { scheduleId: id } })}
        {...(isOver(status) && { onDelete })}
      >
        {deeds.map((deed) => (
          <MenuItem key={deed.name} icon={deed.icon} danger={deed.name === "cancel"} onSelect={deed.act}>
            {t(`schedules.${deed.name}`)}
          </MenuItem>
        ))}
      </RowMenu>
    );
  }
  return (
    <>
      {deeds.map((deed) => (
        <Button
          key={deed.name}
          icon={deed.icon}
          onClick={deed.act}
          variant={deed.name === "cancel" ? "danger" : "secondary"}
        >
          {t(`schedules.${deed.name}`)}
        </Button>
      ))}
      {isOver(status) && (
        <Button
          icon={<Trash2 aria-hidden className="size-4" />}
          onClick={() => void confirm({ ...onDelete, confirm: settings("delete"), danger: true })}
        >
          {settings("delete")}
        </Button>
      )}
    </>
  );
}
