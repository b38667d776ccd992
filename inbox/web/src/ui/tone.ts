/** What a colour says; used by badges, dots, banners and toasts. */
export type Tone = "neutral" | "brand" | "info" | "ok" | "warn" | "bot" | "danger" | "note";

/** Text on a quiet background of its own tone. */
export const softTone: Record<Tone, string> = {
  neutral: "bg-hover text-muted",
  brand: "bg-brand-soft text-brand-text",
  info: "bg-info-soft text-info-text",
  ok: "bg-ok-soft text-ok-text",
  warn: "bg-warn-soft text-warn-text",
  bot: "bg-bot-soft text-bot-text",
  danger: "bg-danger-soft text-danger-text",
  note: "bg-note-soft text-note-text",
};

/** A full-coloured dot. */
export const dotTone: Record<Tone, string> = {
  neutral: "bg-faint",
  brand: "bg-brand",
  info: "bg-info",
  ok: "bg-ok",
  warn: "bg-warn",
  bot: "bg-bot",
  danger: "bg-danger",
  note: "bg-note",
};
