import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { Menu, MenuContent, MenuLabel, MenuRadio, MenuRadioGroup, MenuTrigger } from "@/ui";
import { useAccount } from "./account";
import { Logo } from "./Logo";

/** Which account is shown, and the others. */
export function AccountMenu() {
  const { t } = useTranslation();
  const { me, account, select } = useAccount();
  const navigate = useNavigate();
  return (
    <Menu>
      <MenuTrigger asChild>
        <button
          type="button"
          aria-label={t("menu.account", { name: account.name })}
          title={account.name}
          className="rounded-xl p-1 hover:bg-hover"
        >
          <Logo className="size-8" />
        </button>
      </MenuTrigger>
      <MenuContent align="start" side="right">
        <MenuLabel>{t("menu.accounts")}</MenuLabel>
        <MenuRadioGroup
          value={account.account_id}
          onValueChange={(id) => {
            select(id);
            // what is open belongs to the other account
            void navigate({ to: "/inbox/$view", params: { view: "mine" } });
          }}
        >
          {me.accounts.map((one) => (
            <MenuRadio key={one.account_id} value={one.account_id}>
              <span className="flex flex-col">
                <span>{one.name}</span>
                <span className="text-xs text-faint">{one.role}</span>
              </span>
            </MenuRadio>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  );
}
