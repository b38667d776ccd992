import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useGroups, useSegments } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { Variables } from "@/campaigns/Estimate";
import { Card } from "@/settings/common/page";
import { Field, Select } from "@/ui";
import type { Template } from "./data";

/** The stored template tried on a group or a segment; nothing is sent. */
export function DryRun({ template }: { template: Template }) {
  const { t } = useTranslation("sending");
  const { can } = useAccount();
  const groups = useGroups();
  const segments = useSegments();
  const [audience, setAudience] = useState("");
  const [kind, id = ""] = audience.split(" ");
  const report = useQuery({
    queryKey: ["templates", "dry-run", template.id, template.updated_at, audience],
    queryFn: () =>
      data(
        api.POST("/v1/templates/{id}/dry-run", {
          params: { path: { id: template.id } },
          body: kind === "group" ? { contact_group_ids: [id] } : { segment_ids: [id] },
        }),
      ),
    enabled: audience !== "",
  });
  if (!can("contacts.view") || !can("messages.view")) return null;
  const options = [
    ...groups.map(({ id, name, member_count }) => ({ value: `group ${id}`, label: name, hint: String(member_count) })),
    ...segments.map(({ id, name }) => ({ value: `segment ${id}`, label: name, hint: t("audience.segment") })),
  ];
  return (
    <Card title={t("templates.dry_run")} text={t("templates.dry_run_text")}>
      <Field label={t("templates.dry_run_on")}>
        <Select value={audience} onChange={setAudience} placeholder={t("audience.choose")} options={options} />
      </Field>
      {report.error && (
        <p role="alert" className="mt-3 text-red">
          {report.error.message}
        </p>
      )}
      {report.data && (
        <div className="mt-3" aria-live="polite">
          <p className="font-medium">
            {t("estimate.reached", { count: report.data.recipients, audience: report.data.audience })}
          </p>
          <Variables estimate={report.data} />
        </div>
      )}
    </Card>
  );
}
