import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Bot, Copy, Plus, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { api, data, done, page } from "@/api/client";
import { useAccount } from "@/app/account";
import { Badge, Button, cx, EmptyState, MenuItem, Skeleton, SortableList, Switch, useReadOnly } from "@/ui";
import { useAttempt, useChanged } from "../common/hooks";
import { PageHeader } from "../common/page";
import { RowMenu } from "../common/row-menu";
import { rulesKey, useRules } from "./data";
import { Condition, Deeds } from "./summary";
import { triggerIcons } from "./TriggerFields";
import { TryBox } from "./TryBox";
import type { Rule } from "./wire";

export function RulesPage() {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const readOnly = useReadOnly();
  const client = useQueryClient();
  const attempt = useAttempt();
  const changed = useChanged();
  const rules = useRules();
  const key = rulesKey(account.account_id);

  const reorder = async (next: Rule[]) => {
    const before = rules.data;
    // the row stays where it was dropped while the hub is told
    client.setQueryData(key, next);
    const went = await attempt(() =>
      page(api.POST("/v1/bot-rules/reorder", { body: { ids: next.map((rule) => rule.id) } })),
    );
    if (went) await changed(["bot-rules"], t("bot.reordered"));
    else client.setQueryData(key, before);
  };

  const add = !readOnly && (
    <Button variant="primary" asChild>
      <Link to="/settings/bot-rules/new">
        <Plus aria-hidden className="size-4" />
        {t("bot.add")}
      </Link>
    </Button>
  );
  return (
    <>
      <PageHeader title={t("sections.bot-rules")} text={t("bot.text")} actions={add} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="min-w-0">
          {rules.data?.length === 0 && (
            <div className="rounded-xl border border-line bg-section">
              <EmptyState icon={<Bot />} title={t("bot.empty")} text={t("bot.empty_text")} action={add} />
            </div>
          )}
          {rules.error && !rules.data && (
            <EmptyState
              title={t("load_failed")}
              text={rules.error.message}
              action={
                <Button icon={<RotateCw aria-hidden className="size-4" />} onClick={() => void rules.refetch()}>
                  {t("retry")}
                </Button>
              }
            />
          )}
          {rules.isPending && <Skeleton className="h-64 w-full rounded-xl" />}
          {rules.data && (
            <SortableList
              label={t("sections.bot-rules")}
              items={rules.data}
              id={(rule) => rule.id}
              name={(rule) => rule.name}
              disabled={readOnly}
              onReorder={(next) => void reorder(next)}
              className="flex flex-col gap-2"
            >
              {(rule, handle, index) => <RuleRow rule={rule} handle={handle} number={index + 1} />}
            </SortableList>
          )}
        </div>
        <div className="xl:sticky xl:top-0">
          <TryBox />
        </div>
      </div>
    </>
  );
}

function RuleRow({ rule, handle, number }: { rule: Rule; handle: ReactNode; number: number }) {
  const { t } = useTranslation("settings");
  const { account } = useAccount();
  const readOnly = useReadOnly();
  const navigate = useNavigate();
  const attempt = useAttempt();
  const changed = useChanged();
  const Icon = triggerIcons[rule.trigger_type];
  const path = { id: rule.id };

  const enable = (is_active: boolean) =>
    attempt(async () => {
      await data(api.PATCH("/v1/bot-rules/{id}", { params: { path }, body: { is_active } }));
      await changed(["bot-rules"], t(is_active ? "bot.enabled" : "bot.disabled", { name: rule.name }));
    });
  const duplicate = () =>
    attempt(async () => {
      const { trigger_type, conditions, actions, description, priority } = rule;
      const name = t("bot.copy_of", { name: rule.name });
      // a copy that answered at once would answer beside its original
      const body = { name, description, priority, trigger_type, conditions, actions, is_active: false };
      const made = await data(api.POST("/v1/bot-rules", { body: { ...body, account_id: account.account_id } }));
      await changed(["bot-rules"], t("bot.duplicated"));
      await navigate({ to: "/settings/bot-rules/$ruleId", params: { ruleId: made.id } });
    });

  return (
    <article
      className={cx(
        "flex items-start gap-2 rounded-xl border border-line bg-section p-3 sm:gap-3",
        !rule.is_active && "bg-section/60",
      )}
    >
      {handle}
      <span aria-hidden className="mt-1.5 hidden w-5 text-right text-xs text-faint tabular-nums sm:block">
        {number}
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <Link
            to="/settings/bot-rules/$ruleId"
            params={{ ruleId: rule.id }}
            className="min-w-0 rounded font-semibold break-words hover:text-blue hover:underline"
          >
            {rule.name}
          </Link>
          <Badge icon={<Icon aria-hidden />}>{t(`bot.triggers.${rule.trigger_type}`)}</Badge>
        </div>
        <p className="mt-1 text-[0.8125rem] break-words text-muted">
          <Condition rule={rule} />
        </p>
        <div className="mt-2">
          <Deeds rule={rule} />
        </div>
      </div>
      <Switch
        className="mt-1"
        hideLabel
        label={t("bot.enable", { name: rule.name })}
        checked={rule.is_active}
        onChange={(next) => void enable(next)}
      />
      <RowMenu
        name={rule.name}
        onOpen={() => void navigate({ to: "/settings/bot-rules/$ruleId", params: { ruleId: rule.id } })}
        onDelete={{
          title: t("bot.delete_title", { name: rule.name }),
          text: t("bot.delete_text"),
          action: async () => {
            await done(api.DELETE("/v1/bot-rules/{id}", { params: { path } }));
            await changed(["bot-rules"], t("deleted"));
          },
        }}
      >
        {!readOnly && (
          <MenuItem icon={<Copy aria-hidden />} onSelect={() => void duplicate()}>
            {t("bot.duplicate")}
          </MenuItem>
        )}
      </RowMenu>
    </article>
  );
}
