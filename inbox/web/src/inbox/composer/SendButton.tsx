import { CalendarClock, ChevronDown, Lock, SendHorizontal } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Prefs } from "@/app/prefs";
import { shown } from "@/lib/shortcuts";
import { moment } from "@/lib/time";
import {
  Button,
  cx,
  Dialog,
  Field,
  IconButton,
  Input,
  Menu,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuTrigger,
} from "@/ui";
import { localTime, moments } from "./later";

interface Props {
  isNote: boolean;
  disabled: boolean;
  loading: boolean;
  sendKey: Prefs["sendKey"];
  onSend: (at: Date | null) => void;
}

/** Sends now, or at a moment that is chosen beside it. */
export function SendButton({ isNote, disabled, loading, sendKey, onSend }: Props) {
  const { t, i18n } = useTranslation("inbox");
  const [isChoosing, setChoosing] = useState(false);
  const Icon = isNote ? Lock : SendHorizontal;
  return (
    <span className="inline-flex">
      <Button
        size="sm"
        variant={isNote ? "secondary" : "primary"}
        disabled={disabled}
        loading={loading}
        icon={<Icon aria-hidden className="size-4" />}
        title={sendKey === "enter" ? "Enter" : shown("mod+Enter")}
        className={cx(!isNote && "rounded-r-none")}
        onClick={() => onSend(null)}
      >
        {t(isNote ? "composer.saveNote" : "composer.send")}
      </Button>
      {!isNote && (
        <Menu>
          <MenuTrigger asChild>
            <IconButton
              label={t("later.open")}
              icon={<ChevronDown />}
              size="sm"
              variant="primary"
              disabled={disabled || loading}
              className="ml-px w-7 rounded-l-none"
            />
          </MenuTrigger>
          <MenuContent className="w-80">
            <MenuLabel>{t("later.title")}</MenuLabel>
            {moments(new Date()).map(({ name, at }) => (
              <MenuItem key={name} onSelect={() => onSend(at)}>
                <span className="flex items-baseline justify-between gap-3 whitespace-nowrap">
                  {t(`later.${name}`)}
                  <span className="text-xs text-faint">{moment(at.toISOString(), i18n.language)}</span>
                </span>
              </MenuItem>
            ))}
            <MenuItem icon={<CalendarClock />} onSelect={() => setChoosing(true)}>
              {t("later.choose")}
            </MenuItem>
          </MenuContent>
        </Menu>
      )}
      {isChoosing && <Choice onClose={() => setChoosing(false)} onSend={onSend} />}
    </span>
  );
}

/** A moment of one's own. */
function Choice({ onClose, onSend }: { onClose: () => void; onSend: Props["onSend"] }) {
  const { t } = useTranslation("inbox");
  const [text, setText] = useState(() => localTime(moments(new Date())[0]!.at));
  const at = new Date(text);
  const isPast = !(at.getTime() > Date.now());
  const send = () => {
    if (isPast) return;
    onClose();
    onSend(at);
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("later.title")}
      footer={
        <Button variant="primary" disabled={isPast} onClick={send}>
          {t("later.send")}
        </Button>
      }
    >
      <Field label={t("later.when")} error={isPast ? t("later.past") : undefined}>
        <Input
          type="datetime-local"
          value={text}
          min={localTime(new Date())}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && send()}
        />
      </Field>
    </Dialog>
  );
}
