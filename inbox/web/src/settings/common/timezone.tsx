import { useMemo } from "react";

import { Combobox } from "@/ui";

/** Names of the IANA time zone database that this browser knows. */
const ZONES: string[] = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** "UTC+3", as it is now. */
function offsetOf(zone: string): string {
  try {
    const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts();
    return parts.find((part) => part.type === "timeZoneName")?.value.replace("GMT", "UTC") ?? "";
  } catch {
    return "";
  }
}

interface TimezoneSelectProps {
  value: string;
  onChange: (zone: string) => void;
}

export function TimezoneSelect({ value, onChange }: TimezoneSelectProps) {
  const options = useMemo(() => {
    // a stored name may be one that the browser does not list (an alias)
    const zones = ZONES.includes(value) || !value ? ZONES : [value, ...ZONES];
    return zones.map((zone) => ({ value: zone, label: zone.replaceAll("_", " "), hint: offsetOf(zone) }));
  }, [value]);
  return <Combobox value={value} onChange={onChange} options={options} />;
}
