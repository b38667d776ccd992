import { MessageCircle, Moon, Send, Sun, X } from "lucide-react";
import { useState } from "react";
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

/** The widget's own colours on light and on dark pages. */
const PALETTES = {
  light: {
    section: "#ffffff",
    raised: "#eef2f8",
    line: "#dbe3ee",
    field: "#8494ae",
    ink: "#0f172a",
    faint: "#52617a",
    muted: "#52617a",
    page: "#e9eef5",
  },
  dark: {
    section: "#0f172a",
    raised: "#1e2c4a",
    line: "#31415f",
    field: "#5d7096",
    ink: "#eef3fa",
    faint: "#a5b4cb",
    muted: "#a5b4cb",
    page: "#1b2334",
  },
};

const paletteOf = (dark: boolean) =>
  Object.fromEntries(
    Object.entries(PALETTES[dark ? "dark" : "light"]).map(([name, colour]) => [`--color-${name}`, colour]),
  );

/** The widget as it will look with what is in the form now, before anything is saved. */
export function Preview({ control }: { control: Control<ChatValues> }) {
  const { t } = useTranslation("settings");
  const values = useWatch({ control }) as ChatValues;
  const [view, setView] = useState<View>("chat");
  const [dark, setDark] = useState(false);
  const colour = /^#[0-9a-f]{6}$/i.test(values.color) ? values.color : "#4F46E5";
  const accent = { background: colour, color: textOn(colour) };
  const team =
    (typeof values.more.team_name === "string" && values.more.team_name) || values.name || t("webchat.preview.team");
  const isLeft = values.position === "bottom-left";
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
        aria-label={t("webchat.preview.title")}
        role="img"
        data-testid="preview"
        className={cx(
          "mt-3 flex flex-col gap-3 rounded-xl border border-line bg-page p-4",
          isLeft ? "items-start" : "items-end",
        )}
        style={paletteOf(dark)}
      >
        <div
          aria-hidden
          className="flex h-88 w-full max-w-72 flex-col overflow-hidden rounded-2xl border border-line bg-section text-ink shadow-pop"
        >
          <div style={accent} className="flex items-center gap-3 px-3.5 py-3">
            <span className="flex size-9 items-center justify-center rounded-full bg-white/20 font-semibold">
              {[...team][0]?.toUpperCase()}
            </span>
            <span className="min-w-0 flex-1">
              <span className="block truncate font-semibold">{team}</span>
              <span className="block text-xs">
                {view === "offline" ? t("webchat.preview.offline") : t("webchat.preview.online")}
              </span>
            </span>
            <X className="size-4" />
          </div>
          <div className="flex min-h-0 flex-1 flex-col gap-2 overflow-hidden p-3.5 text-[0.8125rem]">
            {view === "offline" && values.offline_message && (
              <p className="rounded-lg bg-raised px-3 py-2 break-words whitespace-pre-line">{values.offline_message}</p>
            )}
            {values.welcome_message && <Bubble>{values.welcome_message}</Bubble>}
            {view === "form" ? (
              <Questionnaire values={values} accent={accent} />
            ) : (
              <>
                <p style={accent} className="max-w-[80%] self-end rounded-2xl rounded-br-md px-3 py-2">
                  {t("webchat.preview.question")}
                </p>
                {view === "chat" && <Bubble>{t("webchat.preview.answer")}</Bubble>}
              </>
            )}
          </div>
          {view !== "form" && (
            <div className="flex items-center gap-2 border-t border-line px-3 py-2.5">
              <span className="flex-1 text-[0.8125rem] text-faint">{t("webchat.preview.write")}</span>
              <span style={accent} className="flex size-8 items-center justify-center rounded-full">
                <Send className="size-4" />
              </span>
            </div>
          )}
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

function Bubble({ children }: { children: string }) {
  return (
    <p className="max-w-[85%] self-start rounded-2xl rounded-bl-md bg-raised px-3 py-2 break-words whitespace-pre-line">
      {children}
    </p>
  );
}

function Questionnaire({ values, accent }: { values: ChatValues; accent: object }) {
  const { t } = useTranslation("settings");
  if (!values.asks || values.questions.length === 0) {
    return <p className="text-muted">{t("webchat.preview.no_form")}</p>;
  }
  return (
    <div className="flex flex-col gap-2.5">
      {values.questions.slice(0, 4).map((question, index) => (
        <div key={index}>
          <span className="font-medium">
            {question.label || "…"}
            {question.required && " *"}
          </span>
          <span className="mt-1 block h-8 rounded-lg border border-field" />
        </div>
      ))}
      <span style={accent} className="rounded-lg py-2 text-center font-semibold">
        {t("webchat.preview.start")}
      </span>
    </div>
  );
}
