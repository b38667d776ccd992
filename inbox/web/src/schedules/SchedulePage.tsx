import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { Loaded } from "@/settings/common/loaded";
import { PageHeader } from "@/settings/common/page";
import type { Template } from "@/templates/data";
import { Badge, Banner, ReadOnly, useReadOnly } from "@/ui";
import { Controls } from "./Controls";
import { isOpen, schedules, statusTone, type Schedule } from "./data";
import { History } from "./History";
import { ScheduleForm } from "./ScheduleForm";

export function NewSchedulePage() {
  const { t } = useTranslation("sending");
  return (
    <>
      <PageHeader back={{ to: "/scheduled-messages", label: t("schedules.title") }} title={t("schedules.add")} />
      <ScheduleForm schedule={null} template={null} />
    </>
  );
}

async function read(id: string) {
  const schedule = await schedules.one(id);
  const template = schedule.template_id
    ? await data(api.GET("/v1/templates/{id}", { params: { path: { id: schedule.template_id } } })).catch(() => null)
    : null;
  return { schedule, template };
}

export function SchedulePage() {
  const { scheduleId } = useParams({ strict: false }) as { scheduleId: string };
  return (
    <Loaded of={["scheduled-messages", scheduleId]} read={() => read(scheduleId)}>
      {({ schedule, template }) => (
        // what a pause, or a firing, made of it is shown anew
        <Page key={`${schedule.id} ${schedule.updated_at}`} schedule={schedule} template={template} />
      )}
    </Loaded>
  );
}

function Page({ schedule, template }: { schedule: Schedule; template: Template | null }) {
  const { t } = useTranslation("sending");
  const readOnly = useReadOnly();
  const canChange = isOpen(schedule.status);
  return (
    <>
      <PageHeader
        back={{ to: "/scheduled-messages", label: t("schedules.title") }}
        title={schedule.name ?? t("group_messages.untitled")}
        badge={<Badge tone={statusTone[schedule.status]}>{t(`schedules.statuses.${schedule.status}`)}</Badge>}
        actions={<Controls schedule={schedule} />}
      />
      {schedule.error && (
        <Banner tone="red" title={t("schedules.failed_because")} className="mb-5">
          {schedule.error}
        </Banner>
      )}
      {!canChange && !readOnly && (
        <Banner tone="blue" className="mb-5">
          {t("schedules.is_over")}
        </Banner>
      )}
      <ReadOnly value={readOnly || !canChange}>
        <ScheduleForm schedule={schedule} template={template} />
      </ReadOnly>
      <History schedule={schedule} />
    </>
  );
}
