import { useTranslation } from "react-i18next";

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** "3 days ago"; the exact time is in the tooltip. */
export function Ago({ at }: { at: string | null | undefined }) {
  const { i18n } = useTranslation();
  if (!at) return <span className="text-faint">—</span>;
  const date = new Date(at);
  const seconds = (date.getTime() - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  const relative = new Intl.RelativeTimeFormat(i18n.language, { numeric: "auto" });
  return (
    <time dateTime={at} title={date.toLocaleString(i18n.language)} className="whitespace-nowrap text-muted">
      {relative.format(unit === "second" ? 0 : Math.round(seconds / size), unit)}
    </time>
  );
}
