import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import { Banner, Button, Dialog, Field, Skeleton, useToast } from "@/ui";
import { ContactPicker } from "./ContactPicker";
import { shownName, type Contact } from "./data";

/** Two contacts that are one human being: what a merge would do, and doing it. */
export function MergeDialog({ survivor, onClose }: { survivor: Contact; onClose: () => void }) {
  const { t } = useTranslation("people");
  const attempt = useAttempt();
  const changed = useChanged();
  const toast = useToast();
  const [merged, setMerged] = useState<Contact | null>(null);
  const [busy, setBusy] = useState(false);
  const path = { id: survivor.id };
  const body = { merged_id: merged?.id ?? "" };
  const preview = useQuery({
    queryKey: ["contacts", "merge", survivor.id, merged?.id],
    queryFn: () => data(api.POST("/v1/contacts/{id}/merge/preview", { params: { path }, body })),
    enabled: merged !== null,
    gcTime: 0,
  });
  const kinds = ["contacts", "groups", "timeline", "contact-identifiers", "suppressions", "contact-merges"];
  const merge = async () => {
    setBusy(true);
    await attempt(async () => {
      const made = await data(api.POST("/v1/contacts/{id}/merge", { params: { path }, body }));
      await changed(kinds, t("merge.done"));
      toast.info(t("merge.undo_hint"), {
        action: {
          label: t("merge.undo"),
          onClick: () =>
            void attempt(async () => {
              await data(api.POST("/v1/contact-merges/{id}/undo", { params: { path: { id: made.id } } }));
              await changed(kinds, t("merge.undone"));
            }),
        },
        duration: 15_000,
      });
      onClose();
    });
    setBusy(false);
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("merge.title", { name: shownName(survivor) })}
      description={t("merge.text")}
      footer={
        <Button
          variant="primary"
          loading={busy}
          disabled={!preview.data || preview.isFetching}
          onClick={() => void merge()}
        >
          {t("merge.merge")}
        </Button>
      }
    >
      <Field label={t("merge.who")} group>
        <ContactPicker
          label={merged ? shownName(merged) : t("merge.choose")}
          without={[survivor.id]}
          onPick={setMerged}
        />
      </Field>
      {preview.isFetching && <Skeleton className="mt-4 h-24" />}
      {preview.error && (
        <Banner tone="red" className="mt-4">
          {preview.error.message}
        </Banner>
      )}
      {merged && preview.data && !preview.isFetching && (
        <div className="mt-4 rounded-xl border border-line bg-card p-4">
          <p className="font-semibold">{shownName(preview.data.contact)}</p>
          <p className="text-muted">
            {[preview.data.contact.phone, preview.data.contact.email, ...preview.data.contact.tags]
              .filter(Boolean)
              .join(" · ")}
          </p>
          <ul className="mt-3 list-disc pl-5">
            <li>{t("merge.conversations", { count: preview.data.conversations })}</li>
            <li>{t("merge.messages", { count: preview.data.messages })}</li>
            <li>{t("merge.identifiers", { count: preview.data.identifiers })}</li>
            <li>{t("merge.groups", { count: preview.data.groups })}</li>
            {preview.data.filled.length > 0 && <li>{t("merge.filled", { names: preview.data.filled.join(", ") })}</li>}
            {preview.data.kept.length > 0 && <li>{t("merge.kept", { names: preview.data.kept.join(", ") })}</li>}
          </ul>
        </div>
      )}
    </Dialog>
  );
}
