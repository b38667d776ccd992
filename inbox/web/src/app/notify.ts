import { prefs } from "./prefs";

/** Asks the browser whether notices may be shown outside the page. */
export async function allowDesktop(): Promise<boolean> {
  if (!("Notification" in window)) return false;
  if (Notification.permission !== "default") return Notification.permission === "granted";
  return (await Notification.requestPermission()) === "granted";
}

interface DesktopNotice {
  title: string;
  text: string;
  /** A later one with the same tag takes the place of the earlier. */
  tag: string;
  onClick: () => void;
}

/** Shows a notice outside the page, where that is wanted, allowed, and the page is not looked at. */
export function desktop({ title, text, tag, onClick }: DesktopNotice): void {
  if (!prefs.value.desktop || !document.hidden || !("Notification" in window)) return;
  if (Notification.permission !== "granted") return;
  const notice = new Notification(title, { body: text, tag, icon: "/icon.svg" });
  notice.onclick = () => {
    window.focus();
    onClick();
    notice.close();
  };
}

/** Several at once are heard as one. */
const QUIET_MS = 1_500;
let context: AudioContext | null = null;
let last = 0;

/** Two soft notes. Made here rather than loaded, so that they cost nothing. */
export function chime(): void {
  if (!prefs.value.sound || Date.now() - last < QUIET_MS) return;
  last = Date.now();
  context ??= new AudioContext();
  // browsers keep a page silent until somebody has touched it
  if (context.state !== "running") {
    void context.resume();
    return;
  }
  const note = (frequency: number, after: number) => {
    const start = context!.currentTime + after;
    const tone = context!.createOscillator();
    const volume = context!.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.08, start + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
    tone.connect(volume).connect(context!.destination);
    tone.start(start);
    tone.stop(start + 0.4);
  };
  note(659, 0);
  note(880, 0.11);
}
