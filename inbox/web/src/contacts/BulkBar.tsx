import { Tag, Trash2, UserMinus, UserPlus, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { useGroups } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { useAttempt, useChanged } from "@/settings/common/hooks";
import {
  Button,
  ChipsInput,
  Dialog,
  Field,
  Menu,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuTrigger,
  Spinner,
  useConfirm,
  useToast,
} from "@/ui";
import { contacts } from "./data";

/** The hub takes so many in one request. */
const MOST = 1000;
const MOST_JOINING = 10_000;

/** What can be done with contacts that were chosen. */
export function BulkBar({ ids, onDone }: { ids: string[]; onDone: () => void }) {
  const { t } = useTranslation("people");
  const { account } = useAccount();
  const { account_id } = account;
  const groups = useGroups();
  const confirm = useConfirm();
  const changed = useChanged();
  const attempt = useAttempt();
  const toast = useToast();
  const [tagging, setTagging] = useState(false);
  /** How many of them are done, while something is done with more than one request takes. */
  const [progress, setProgress] = useState<number | null>(null);

  /** One request after the other, and how far it has come. */
  const inParts = async (most: number, work: (part: string[]) => Promise<void>) => {
    try {
      for (let from = 0; from < ids.length; from += most) {
        if (ids.length > most) setProgress(from);
        await work(ids.slice(from, from + most));
      }
    } finally {
      setProgress(null);
    }
  };
  /** Sends it in parts; what single items were refused for is told, the rest is done. */
  const bulk = async (body: (part: string[]) => Promise<object> | object) => {
    let failed = 0;
    let reason: string | null = null;
    await inParts(MOST, async (some) => {
      const part = await body(some);
      const told = await data(api.POST("/v1/contacts/bulk", { body: { account_id, ...part } }));
      failed += told.failed;
      reason ??= told.items.find((item) => item.error)?.error ?? null;
    });
    if (failed) toast.error(t("bulk.failed", { count: failed }), { text: reason });
    await changed(["contacts"], t("bulk.done", { count: ids.length - failed }));
    onDone();
  };
  const activate = (is_active: boolean) =>
    void attempt(() => bulk((part) => ({ update: part.map((id) => ({ id, is_active })) })));
  const join = (id: string, name: string) =>
    void attempt(async () => {
      let count = 0;
      await inParts(MOST_JOINING, async (contact_ids) => {
        const body = { contact_ids };
        count += (await data(api.POST("/v1/groups/{id}/contacts", { params: { path: { id } }, body }))).changed;
      });
      await changed(["groups", "contacts"], t("bulk.joined", { count, name }));
      onDone();
    });
  if (progress !== null) {
    return (
      <p role="status" className="flex items-center gap-2 text-muted tabular-nums">
        <Spinner />
        {t("bulk.progress", { done: progress, count: ids.length })}
      </p>
    );
  }
  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <Button size="sm" icon={<Users aria-hidden className="size-4" />}>
            {t("bulk.group")}
          </Button>
        </MenuTrigger>
        <MenuContent align="start">
          {groups.length === 0 && <MenuLabel>{t("bulk.no_groups")}</MenuLabel>}
          {groups.map(({ id, name }) => (
            <MenuItem key={id} onSelect={() => join(id, name)}>
              {name}
            </MenuItem>
          ))}
        </MenuContent>
      </Menu>
      <Button size="sm" icon={<Tag aria-hidden className="size-4" />} onClick={() => setTagging(true)}>
        {t("bulk.tag")}
      </Button>
      <Button size="sm" icon={<UserMinus aria-hidden className="size-4" />} onClick={() => activate(false)}>
        {t("bulk.deactivate")}
      </Button>
      <Button size="sm" icon={<UserPlus aria-hidden className="size-4" />} onClick={() => activate(true)}>
        {t("bulk.activate")}
      </Button>
      <Button
        size="sm"
        variant="danger"
        icon={<Trash2 aria-hidden className="size-4" />}
        onClick={() =>
          void confirm({
            title: t("bulk.delete_title", { count: ids.length }),
            text: t("bulk.delete_text"),
            confirm: t("bulk.delete"),
            danger: true,
            action: () => bulk((part) => ({ delete: part })),
          })
        }
      >
        {t("bulk.delete")}
      </Button>
      {tagging && (
        <TagDialog
          count={ids.length}
          onClose={() => setTagging(false)}
          onTag={async (tags) => {
            const isDone = await attempt(() =>
              bulk(async (part) => ({
                // a change of tags replaces them: those that are there are read first
                update: (await withTags(account_id, part)).map((one) => ({
                  id: one.id,
                  tags: [...new Set([...one.tags, ...tags])],
                })),
              })),
            );
            if (isDone) setTagging(false);
          }}
        />
      )}
    </>
  );
}

async function withTags(account_id: string, ids: string[]): Promise<{ id: string; tags: string[] }[]> {
  const found = [];
  // an address has its limits
  for (let from = 0; from < ids.length; from += 100) {
    const part = ids.slice(from, from + 100);
    const told = await contacts.list({ account_id, filter: [`id:in:${part.join(",")}`], skip: 0, limit: 100 });
    found.push(...told.data);
  }
  return found;
}

interface TagDialogProps {
  count: number;
  onClose: () => void;
  onTag: (tags: string[]) => Promise<void>;
}

function TagDialog({ count, onClose, onTag }: TagDialogProps) {
  const { t } = useTranslation("people");
  const [tags, setTags] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("bulk.tag_title", { count })}
      footer={
        <Button
          variant="primary"
          loading={busy}
          disabled={tags.length === 0}
          onClick={async () => {
            setBusy(true);
            await onTag(tags);
            setBusy(false);
          }}
        >
          {t("bulk.tag")}
        </Button>
      }
    >
      <Field label={t("fields.tags")} hint={t("contacts.tags_hint")}>
        <ChipsInput value={tags} onChange={setTags} />
      </Field>
    </Dialog>
  );
}
