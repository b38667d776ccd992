import { useSyncExternalStore } from "react";

// one clock for all waiting times on the page: it ticks, and only what reads it is drawn again
const EVERY_MS = 15_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    listeners.forEach((each) => each());
  }, EVERY_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Now, some seconds ago at most. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long, in two or three signs: `now`, `5m`, `3h`, `2d`. */
export function short(ms: number, words: { now: string; m: string; h: string; d: string }): string {
  if (ms < MINUTE) return words.now;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}${words.m}`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}${words.h}`;
  return `${Math.floor(ms / DAY)}${words.d}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  // making a format is slow, and a thread needs thousands
  const key = locale + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(locale, options)));
  return made;
}

export const clock = (at: number | string, locale: string) =>
  format(locale, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));

export const dayOf = (at: string): string => {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
};

export const day = (at: string, locale: string) => {
  const date = new Date(at);
  const isThisYear = date.getFullYear() === new Date().getFullYear();
  return format(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(!isThisYear && { year: "numeric" }),
  }).format(date);
};

export const full = (at: string, locale: string) =>
  format(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));

/** A moment to come: the weekday tells more than the year, unless it is another. */
export const moment = (at: string, locale: string) => {
  const date = new Date(at);
  const isThisYear = date.getFullYear() === new Date().getFullYear();
  return format(locale, {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...(!isThisYear && { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
  }).format(date);
};

/** For a list: the time today, the date before. */
export function brief(at: string, locale: string): string {
  const date = new Date(at);
  const today = new Date();
  if (date.toDateString() === today.toDateString()) return clock(at, locale);
  return format(locale, { day: "numeric", month: "short" }).format(date);
}
