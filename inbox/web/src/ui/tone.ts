/** What a colour says; used by badges, dots, banners and toasts. */
export type Tone = "neutral" | "blue" | "teal" | "green" | "orange" | "purple" | "red";

/** Text on a tint of its own tone. */
export const softTone: Record<Tone, string> = {
  neutral: "bg-raised text-muted",
  blue: "bg-blue/12 text-blue",
  teal: "bg-teal/12 text-teal",
  green: "bg-green/12 text-green",
  orange: "bg-orange/12 text-orange",
  purple: "bg-purple/12 text-purple",
  red: "bg-red/12 text-red",
};

/** A full-coloured dot. */
export const dotTone: Record<Tone, string> = {
  neutral: "bg-faint",
  blue: "bg-blue",
  teal: "bg-teal",
  green: "bg-green",
  orange: "bg-orange",
  purple: "bg-purple",
  red: "bg-red",
};
