import { Link } from "@tanstack/react-router";
import { Plus, Upload } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useOpened } from "@/settings/common/hooks";
import { ListView } from "@/settings/common/list-page";
import { PageHeader } from "@/settings/common/page";
import { Ago } from "@/settings/common/time";
import { Badge, Button, columnsOf, EmptyState, Sheet, useReadOnly, type FilterField } from "@/ui";
import { imports, isRunning, percentOf, statusTone, type Import } from "./data";
import { Progress } from "./Progress";

const column = columnsOf<Import>();
const AGAIN_MS = 2_000;
const STATUSES = ["queued", "processing", "completed", "failed", "cancelled"];

/** The files that contacts were read from, and how that went. */
export function ImportsPage() {
  const { t, i18n } = useTranslation("people");
  const [opened, open] = useOpened();
  const readOnly = useReadOnly();
  const columns = useMemo(() => {
    const number = new Intl.NumberFormat(i18n.language);
    const count = (name: "created_count" | "updated_count" | "error_count") =>
      column.accessor(name, {
        header: t(`imports.${name}`),
        enableSorting: false,
        meta: { align: "end" },
        cell: ({ getValue }) => <span className="tabular-nums">{number.format(getValue())}</span>,
      });
    return column.columns([
      column.accessor("filename", {
        header: t("imports.file"),
        enableSorting: false,
        meta: { primary: true },
      }),
      column.accessor("status", {
        header: t("fields.status"),
        enableSorting: false,
        cell: ({ row: { original } }) => (
          <span className="flex items-center gap-1.5">
            <Badge tone={statusTone(original.status)}>
              {t(`imports.statuses.${original.status}`)}
              {isRunning(original) && ` · ${percentOf(original)} %`}
            </Badge>
            {original.is_dry_run && <Badge tone="purple">{t("imports.is_dry_run")}</Badge>}
          </span>
        ),
      }),
      count("created_count"),
      count("updated_count"),
      count("error_count"),
      column.accessor("created_at", { header: t("fields.created"), cell: ({ getValue }) => <Ago at={getValue()} /> }),
    ]);
  }, [t, i18n.language]);
  const filters = useMemo<FilterField[]>(
    () => [
      {
        name: "status",
        label: t("fields.status"),
        kind: "select",
        options: STATUSES.map((value) => ({ value, label: t(`imports.statuses.${value}`) })),
      },
      { name: "is_dry_run", label: t("imports.is_dry_run"), kind: "boolean" },
      { name: "created_at", label: t("fields.created"), kind: "date" },
    ],
    [t],
  );
  const add = !readOnly && (
    <Button variant="primary" asChild>
      <Link to="/contact-imports/new">
        <Plus aria-hidden className="size-4" />
        {t("imports.add")}
      </Link>
    </Button>
  );
  return (
    <>
      <PageHeader back={null} title={t("imports.title")} text={t("imports.text")} actions={add} />
      <ListView<Import>
        name="contact-imports"
        label={t("imports.title")}
        columns={columns}
        rowId={(one) => one.id}
        filters={filters}
        sort={{ field: "created_at", desc: true }}
        read={imports.list}
        again={(rows) => rows.some(isRunning) && AGAIN_MS}
        onRowClick={({ id }) => open(id)}
        empty={<EmptyState icon={<Upload />} title={t("imports.empty")} text={t("imports.empty_text")} action={add} />}
      />
      {opened && (
        <Sheet open onOpenChange={() => open(null)} title={t("imports.one")}>
          <Progress id={opened} />
        </Sheet>
      )}
    </>
  );
}
