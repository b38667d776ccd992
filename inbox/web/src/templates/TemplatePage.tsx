import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { Loaded } from "@/settings/common/loaded";
import { PageHeader } from "@/settings/common/page";
import type { Template } from "./data";
import { TemplateForm } from "./TemplateForm";
import { Approval } from "./TemplatesPage";

const read = (id: string) => data(api.GET("/v1/templates/{id}", { params: { path: { id } } }));

export function TemplatePage() {
  const { templateId } = useParams({ strict: false }) as { templateId: string };
  return (
    <Loaded of={["templates", templateId]} read={() => read(templateId)}>
      {(template) => <Page key={template.id} template={template} like={template} />}
    </Loaded>
  );
}

/** Something new, or new and like another one (`?from=…`). */
export function NewTemplatePage() {
  const { from } = useSearch({ strict: false }) as { from?: string };
  const { t } = useTranslation("sending");
  if (!from) return <Page template={null} like={null} />;
  return (
    <Loaded of={["templates", from]} read={() => read(from)}>
      {(like) => <Page template={null} like={{ ...like, name: t("templates.copy_of", { name: like.name }) }} />}
    </Loaded>
  );
}

function Page({ template, like }: { template: Template | null; like: Template | null }) {
  const { t } = useTranslation("sending");
  const navigate = useNavigate();
  return (
    <>
      <PageHeader
        back={{ to: "/templates", label: t("templates.title") }}
        title={template?.name ?? t("templates.add")}
        {...(template?.approval_status && { badge: <Approval template={template} /> })}
      />
      <TemplateForm template={template} like={like} onDone={() => void navigate({ to: "/templates" })} />
    </>
  );
}
