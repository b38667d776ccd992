import { clsx, type ClassValue } from "clsx";
import { twMerge } from "tailwind-merge";

/** Class names in one string; of utilities that contradict each other the last wins. */
export function cx(...names: ClassValue[]): string {
  return twMerge(clsx(names));
}
