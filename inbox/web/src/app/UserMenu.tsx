import type { Availability } from "@turumba/realtime";
import { Bell, Languages, LogOut, MonitorSmartphone, Moon, Send, Sun, Volume2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import { signOut } from "@/api/session";
import { LANGUAGES, setLanguage, type Language } from "@/i18n";
import {
  Avatar,
  Dot,
  Menu,
  MenuCheckbox,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadio,
  MenuRadioGroup,
  MenuSeparator,
  MenuSub,
  MenuSubContent,
  MenuSubTrigger,
  MenuTrigger,
  useToast,
} from "@/ui";
import { isMac } from "@/lib/shortcuts";
import { useAccount } from "./account";
import { useLive } from "./live";
import { allowDesktop } from "./notify";
import { prefs, usePrefs, type Prefs } from "./prefs";
import { PRESENCE, usePresence } from "./presence";

const STATUSES: Availability[] = ["online", "away", "offline"];

/** One's own menu: whether one is there, and what one likes. */
export function UserMenu() {
  const { t, i18n } = useTranslation();
  const { me } = useAccount();
  const live = useLive();
  const toast = useToast();
  const status = usePresence(me.id);
  const { theme, sendKey, sound, desktop } = usePrefs();

  const setStatus = (next: string) =>
    live.setAvailability(next as Availability).catch(() => toast.error(t("presence.failed")));

  async function setDesktop(isOn: boolean) {
    if (isOn && !(await allowDesktop())) return toast.error(t("menu.desktopDenied"));
    prefs.set({ desktop: isOn });
  }

  return (
    <Menu>
      <MenuTrigger asChild>
        <button type="button" className="relative rounded-full p-1 hover:bg-hover">
          <span className="sr-only">{t("menu.you", { name: me.name, status: t(`presence.${status}`) })}</span>
          <Avatar
            name={me.name}
            src={me.avatar_url}
            size="sm"
            corner={<Dot tone={PRESENCE[status]} className="size-2.5 ring-2 ring-section" />}
          />
        </button>
      </MenuTrigger>
      <MenuContent align="end" side="right" className="w-60">
        <div className="px-2.5 py-1.5">
          <div className="truncate font-medium">{me.name}</div>
          <div className="truncate text-xs text-faint">{me.email}</div>
        </div>
        <MenuSeparator />
        <MenuRadioGroup value={status} onValueChange={(next) => void setStatus(next)}>
          {STATUSES.map((one) => (
            <MenuRadio key={one} value={one}>
              <Dot tone={PRESENCE[one]} />
              {t(`presence.${one}`)}
            </MenuRadio>
          ))}
        </MenuRadioGroup>
        <MenuSeparator />
        <MenuSub>
          <MenuSubTrigger icon={<Moon />}>{t("menu.theme")}</MenuSubTrigger>
          <MenuSubContent>
            <MenuRadioGroup value={theme} onValueChange={(next) => prefs.set({ theme: next as Prefs["theme"] })}>
              <MenuRadio value="system">
                <MonitorSmartphone aria-hidden />
                {t("menu.themes.system")}
              </MenuRadio>
              <MenuRadio value="dark">
                <Moon aria-hidden />
                {t("menu.themes.dark")}
              </MenuRadio>
              <MenuRadio value="light">
                <Sun aria-hidden />
                {t("menu.themes.light")}
              </MenuRadio>
            </MenuRadioGroup>
          </MenuSubContent>
        </MenuSub>
        <MenuSub>
          <MenuSubTrigger icon={<Languages />}>{t("menu.language")}</MenuSubTrigger>
          <MenuSubContent>
            <MenuRadioGroup value={i18n.language} onValueChange={(next) => void setLanguage(next as Language)}>
              {Object.entries(LANGUAGES).map(([code, name]) => (
                <MenuRadio key={code} value={code}>
                  {name}
                </MenuRadio>
              ))}
            </MenuRadioGroup>
          </MenuSubContent>
        </MenuSub>
        <MenuSub>
          <MenuSubTrigger icon={<Send />}>{t("menu.sendKey")}</MenuSubTrigger>
          <MenuSubContent>
            <MenuRadioGroup value={sendKey} onValueChange={(next) => prefs.set({ sendKey: next as Prefs["sendKey"] })}>
              <MenuRadio value="enter">{t("menu.sendKeys.enter")}</MenuRadio>
              <MenuRadio value="mod">{t("menu.sendKeys.mod", { key: isMac ? "⌘" : "Ctrl" })}</MenuRadio>
            </MenuRadioGroup>
          </MenuSubContent>
        </MenuSub>
        <MenuSeparator />
        <MenuLabel>{t("menu.notifications")}</MenuLabel>
        <MenuCheckbox
          checked={sound}
          onSelect={(event) => event.preventDefault()}
          onCheckedChange={(isOn) => prefs.set({ sound: isOn })}
        >
          <span className="flex items-center gap-2.5">
            <Volume2 aria-hidden className="text-muted" />
            {t("menu.sound")}
          </span>
        </MenuCheckbox>
        <MenuCheckbox
          checked={desktop}
          onSelect={(event) => event.preventDefault()}
          onCheckedChange={(isOn) => void setDesktop(isOn)}
        >
          <span className="flex items-center gap-2.5">
            <Bell aria-hidden className="text-muted" />
            {t("menu.desktop")}
          </span>
        </MenuCheckbox>
        <MenuSeparator />
        <MenuItem icon={<LogOut />} onSelect={() => void signOut()}>
          {t("menu.signOut")}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
