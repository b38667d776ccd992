import { zodResolver } from "@hookform/resolvers/zod";
import { ShieldCheck } from "lucide-react";
import { useMemo } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { z } from "zod";

import { api, data, done, page } from "@/api/client";
import { useAccount } from "@/app/account";
import { Badge, columnsOf, FormField, ReadOnly, TextField, useReadOnly, useSave } from "@/ui";
import { Collection } from "../common/collection";
import { FormSheet } from "../common/form-sheet";
import { useChanged } from "../common/hooks";
import { Permissions } from "../common/permissions";
import { roleName, type Role } from "../common/roles";
import { rules } from "../common/rules";
import { Ago } from "../common/time";

const column = columnsOf<Role>();

export function RolesPage() {
  const { t } = useTranslation("settings");
  const readOnly = useReadOnly();
  const columns = useMemo(
    () =>
      column.columns([
        column.accessor("name", {
          header: t("fields.name"),
          meta: { primary: true },
          cell: ({ getValue }) => roleName(t, getValue()),
        }),
        column.accessor("permissions", {
          header: t("roles.permissions"),
          enableSorting: false,
          cell: ({ getValue }) => <span className="tabular-nums">{getValue().length}</span>,
        }),
        column.accessor("is_built_in", {
          header: t("roles.kind"),
          enableSorting: false,
          cell: ({ getValue }) => <Badge>{getValue() ? t("roles.is_built_in") : t("roles.own")}</Badge>,
        }),
        column.accessor("created_at", { header: t("fields.created"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
      ]),
    [t],
  );
  return (
    <Collection<Role>
      kind="roles"
      texts="roles"
      icon={<ShieldCheck />}
      columns={columns}
      nameOf={(role) => roleName(t, role.name)}
      sort={{ field: "created_at", desc: false }}
      list={(query) => page(api.GET("/v1/roles", { params: { query } }))}
      one={(id) => data(api.GET("/v1/roles/{id}", { params: { path: { id } } }))}
      remove={(id) => done(api.DELETE("/v1/roles/{id}", { params: { path: { id } } }))}
      canDelete={(role) => !role.is_built_in}
    >
      {(role, open) => (
        <ReadOnly value={readOnly || role?.is_built_in === true}>
          <RoleForm role={role} onClose={() => open(null)} />
        </ReadOnly>
      )}
    </Collection>
  );
}

function RoleForm({ role, onClose }: { role: Role | null; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const changed = useChanged();
  const schema = useMemo(
    () => z.object({ name: rules(t).text(100), permissions: z.array(z.string()).min(1, t("errors.one_permission")) }),
    [t],
  );
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      name: role ? (role.is_built_in ? roleName(t, role.name) : role.name) : "",
      permissions: role?.permissions ?? [],
    },
  });
  const saving = useSave({
    form,
    save: async (values, kept) => {
      if (role) await data(api.PATCH("/v1/roles/{id}", { params: { path: { id: role.id } }, body: values }));
      else {
        const query = { account_id: account.account_id };
        await data(api.POST("/v1/roles", { params: { query }, body: values }));
      }
      kept();
      await changed(["roles", "me"]);
      onClose();
    },
  });
  return (
    <FormSheet
      id="role"
      title={role ? (role.is_built_in ? roleName(t, role.name) : t("roles.edit")) : t("roles.add")}
      description={role?.is_built_in ? t("roles.built_in_text") : t("roles.form_text")}
      form={form}
      saving={saving}
      onClose={onClose}
      isNew={!role}
    >
      {!role?.is_built_in && (
        <TextField control={form.control} name="name" label={t("fields.name")} required autoFocus={!role} />
      )}
      <FormField control={form.control} name="permissions" label={t("roles.permissions")} group>
        {(field) => <Permissions value={field.value} onChange={field.onChange} held={account.permissions} />}
      </FormField>
    </FormSheet>
  );
}
