import { MessageCircle, Moon, Sun } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useWatch, type Control } from "react-hook-form";
import { useTranslation } from "react-i18next";

import { cx, Field, RadioGroup } from "@/ui";
import { Card } from "../common/page";
import type { ChatValues } from "./model";

type View = "chat" | "form" | "offline";

/** Linear light of one of red, green and blue, 0 to 255 (WCAG 2.1, relative luminance). */
const light = (part: number) => {
  const share = part / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};

/** White or navy, whichever can be read on the colour: as the widget decides. */
function textOn(colour: string): string {
  const rgb = parseInt(colour.slice(1), 16);
  const luminance = 0.2126 * light(rgb >> 16) + 0.7152 * light((rgb >> 8) & 255) + 0.0722 * light(rgb & 255);
  return 1.05 / (luminance + 0.05) >= 4.5 ? "#ffffff" : "#0f172a";
}

/** The widget itself, with what is in the form now, before anything is saved. */
export function Preview({ control }: { control: Control<ChatValues> }) {
  const { t, i18n } = useTranslation("settings");
  const values = useWatch({ control }) as ChatValues;
  const [view, setView] = useState<View>("chat");
  const [dark, setDark] = useState(false);
  const colour = /^#[0-9a-f]{6}$/i.test(values.color) ? values.color : "#4F46E5";
  const accent = { background: colour, color: textOn(colour) };
  const team =
    (typeof values.more.team_name === "string" && values.more.team_name) || values.name || t("webchat.preview.team");
  const isLeft = values.position === "bottom-left";
  const frame = useRef<HTMLIFrameElement>(null);
  const [isLoaded, setLoaded] = useState(false);
  const hasForm = view === "form" && values.asks && values.questions.length > 0;
  const question = { own: true, text: t("webchat.preview.question") };
  const preview = {
    online: view !== "offline",
    team_name: team,
    welcome: values.welcome_message || null,
    offline_message: values.offline_message || null,
    pre_chat_form: hasForm ? { enabled: true, fields: values.questions } : null,
    agent: view === "chat" ? "Sara" : null,
    said:
      view === "chat"
        ? [question, { own: false, text: t("webchat.preview.answer") }]
        : view === "offline"
          ? [question]
          : [],
  };
  // the widget's frame is told as its loader would tell it, once for each state of the form
  const told = JSON.stringify({
    settings: { key: "preview", color: colour, theme: dark ? "dark" : "light", locale: i18n.language },
    kept: {},
    page: { url: "", title: "", referrer: "" },
    // an open one takes the focus, and the page would move there
    isOpen: false,
    preview,
  });
  useEffect(() => {
    if (!isLoaded) return;
    const { port1 } = new MessageChannel();
    frame.current?.contentWindow?.postMessage({ turumba: JSON.parse(told) as unknown }, location.origin, [port1]);
  }, [isLoaded, told]);
  return (
    <Card title={t("webchat.preview.title")} text={t("webchat.preview.text")}>
      <Field label={t("webchat.preview.show")} group>
        <RadioGroup<View>
          label={t("webchat.preview.show")}
          look="row"
          value={view}
          onChange={setView}
          options={(["chat", "form", "offline"] as const).map((value) => ({
            value,
            label: t(`webchat.preview.views.${value}`),
          }))}
        />
      </Field>
      <button
        type="button"
        aria-pressed={dark}
        onClick={() => setDark(!dark)}
        className="mt-3 inline-flex items-center gap-2 rounded text-[0.8125rem] text-muted hover:text-ink"
      >
        {dark ? <Moon aria-hidden className="size-4" /> : <Sun aria-hidden className="size-4" />}
        {dark ? t("webchat.preview.on_dark") : t("webchat.preview.on_light")}
      </button>
      <div
        className={cx(
          "mt-3 flex flex-col gap-3 rounded-xl border border-line p-4",
          isLeft ? "items-start" : "items-end",
        )}
        style={{ background: dark ? "#1b2334" : "#e9eef5" }}
      >
        {view === "form" && !hasForm && <p className="text-[0.8125rem] self-start">{t("webchat.preview.no_form")}</p>}
        <div className="h-112 w-full max-w-80 overflow-hidden rounded-2xl shadow-pop">
          {/* drawn as wide as on a page, and made smaller */}
          <iframe
            ref={frame}
            src="/widget/"
            title={t("webchat.preview.title")}
            inert
            onLoad={() => setLoaded(true)}
            className="h-[125%] w-[125%] origin-top-left scale-80 border-0"
          />
        </div>
        <div
          aria-hidden
          style={accent}
          className="flex h-12 items-center gap-2 rounded-full px-4 font-medium shadow-pop"
        >
          <MessageCircle className="size-5" />
          {values.launcher_text && <span className="max-w-52 truncate">{values.launcher_text}</span>}
        </div>
      </div>
    </Card>
  );
}
