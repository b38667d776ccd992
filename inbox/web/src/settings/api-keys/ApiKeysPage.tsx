import { KeyRound, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, done, page, type Schemas } from "@/api/client";
import { Badge, Banner, Button, columnsOf, CopyField, Dialog, EmptyState } from "@/ui";
import { useChanged, useOpened } from "../common/hooks";
import { ListView } from "../common/list-page";
import { PageHeader } from "../common/page";
import { RowMenu } from "../common/row-menu";
import { Ago } from "../common/time";
import { ApiKeyForm } from "./ApiKeyForm";

type ApiKey = Schemas["ApiKeyView"];
const column = columnsOf<ApiKey>();

export function ApiKeysPage() {
  const { t } = useTranslation("settings");
  const [opened, open] = useOpened();
  const [made, setMade] = useState<Schemas["NewApiKeyView"] | null>(null);
  const changed = useChanged();
  const columns = useMemo(
    () =>
      column.columns([
        column.accessor("name", { header: t("fields.name"), meta: { className: "font-medium" } }),
        column.accessor("prefix", {
          header: t("api_keys.key"),
          enableSorting: false,
          cell: ({ getValue }) => <code className="font-mono text-[0.8125rem] text-muted">{getValue()}…</code>,
        }),
        column.accessor("permissions", {
          header: t("roles.permissions"),
          enableSorting: false,
          cell: ({ getValue }) => (
            <span className="tabular-nums" title={getValue().join("\n")}>
              {getValue().length}
            </span>
          ),
        }),
        column.accessor("last_used_at", {
          header: t("api_keys.last_used"),
          enableSorting: false,
          cell: ({ getValue }) =>
            getValue() ? <Ago at={getValue()} /> : <span className="text-faint">{t("never")}</span>,
        }),
        column.accessor("expires_at", {
          header: t("api_keys.expires"),
          cell: ({ getValue }) =>
            getValue() ? <Ago at={getValue()} /> : <span className="text-faint">{t("never")}</span>,
        }),
        column.display({
          id: "state",
          header: t("fields.status"),
          cell: ({ row: { original } }) => <State apiKey={original} />,
        }),
        column.display({
          id: "actions",
          header: () => <span className="sr-only">{t("actions")}</span>,
          meta: { align: "end" },
          cell: ({ row: { original } }) =>
            !original.revoked_at && (
              <RowMenu
                name={original.name}
                onDelete={{
                  label: t("api_keys.revoke"),
                  title: t("api_keys.revoke_title", { name: original.name }),
                  text: t("api_keys.revoke_text"),
                  action: async () => {
                    await done(api.DELETE("/v1/api-keys/{id}", { params: { path: { id: original.id } } }));
                    await changed(["api-keys"], t("api_keys.revoked"));
                  },
                }}
              />
            ),
        }),
      ]),
    [t, changed],
  );
  const add = (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => open("new")}>
      {t("api_keys.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("sections.api-keys")} text={t("api_keys.text")} actions={add} />
      <ListView<ApiKey>
        name="api-keys"
        label={t("sections.api-keys")}
        columns={columns}
        rowId={(key) => key.id}
        searchField="name"
        sort={{ field: "created_at", desc: true }}
        read={(query) => page(api.GET("/v1/api-keys", { params: { query } }))}
        empty={
          <EmptyState icon={<KeyRound />} title={t("api_keys.empty")} text={t("api_keys.empty_text")} action={add} />
        }
      />
      {opened === "new" && (
        <ApiKeyForm
          onClose={() => open(null)}
          onMade={(key) => {
            open(null);
            setMade(key);
          }}
        />
      )}
      {made && (
        <Dialog
          open
          onOpenChange={() => setMade(null)}
          title={t("api_keys.made", { name: made.name })}
          footer={
            <Button variant="primary" onClick={() => setMade(null)}>
              {t("api_keys.noted")}
            </Button>
          }
        >
          <div className="flex flex-col gap-4">
            <Banner tone="orange">{t("api_keys.once")}</Banner>
            <CopyField label={t("api_keys.key")} text={made.key} hint={t("api_keys.header_hint")} />
          </div>
        </Dialog>
      )}
    </>
  );
}

function State({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation("settings");
  if (apiKey.revoked_at) return <Badge tone="red">{t("api_keys.is_revoked")}</Badge>;
  const isOver = apiKey.expires_at && new Date(apiKey.expires_at).getTime() < Date.now();
  return isOver ? <Badge>{t("api_keys.is_expired")}</Badge> : <Badge tone="green">{t("active")}</Badge>;
}
