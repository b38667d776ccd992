// The shop's own script: what any page would do to carry the chat, and the tour around it.
import { load, turumba } from "../src/npm";
import "./shop.css";

/** What the hub tells of its demo; null on a hub without one. */
interface Guide {
  key: string | null;
  owner: string;
  agents: string[];
  password: string;
  phone: string | null;
}

const KEPT = "abol.chat-key";
const element = <E extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as E;

const { data: guide } = await fetch("/demo/guide").then((answer) => answer.json() as Promise<{ data: Guide | null }>);
const key = decodeURIComponent(location.hash.slice(1));
// the address may carry a place on the page instead
const isPlace = ["", "top", "beans", "story"].includes(key);
const chosen = (isPlace ? sessionStorage.getItem(KEPT) : key) ?? guide?.key;

if (chosen) {
  sessionStorage.setItem(KEPT, chosen);
  load({ hub: location.origin, key: chosen, locale: "en" });
} else {
  const dialog = element<HTMLDialogElement>("choose");
  dialog.addEventListener("close", () => {
    location.hash = encodeURIComponent(element<HTMLInputElement>("key").value.trim());
    location.reload();
  });
  dialog.showModal();
}

const agent = guide?.agents[0];
if (guide && agent) {
  // a window beside this one: what is written here appears there
  const inbox = element<HTMLAnchorElement>("inbox");
  inbox.href = `/sign-in?as=${encodeURIComponent(agent)}`;
  element<HTMLAnchorElement>("phone").href = `/sandbox#${guide.phone ?? ""}`;
  element("as-agent").textContent = `Opens beside the shop, signed in as ${agent.split("@")[0]}.`;
  inbox.addEventListener("click", (event) => {
    const { availLeft = 0, availTop = 0, availWidth, availHeight } = screen as Screen & { availLeft?: number; availTop?: number };
    if (availWidth < 1_000 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const half = Math.round(availWidth / 2);
    if (window.open(inbox.href, "turumba-inbox", `popup,left=${availLeft + half},top=${availTop},width=${half},height=${availHeight}`)) event.preventDefault();
  });
}

for (const id of ["ask", "help"]) element(id).addEventListener("click", () => turumba.open());
for (const button of document.querySelectorAll<HTMLElement>("[data-ask]")) {
  button.addEventListener("click", () => {
    turumba.setAttributes({ looking_at: button.dataset["ask"]! });
    turumba.open();
  });
}

const dark = matchMedia("(prefers-color-scheme: dark)");
let isDark = dark.matches;
const paint = () => {
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
  element("theme").setAttribute("aria-pressed", String(isDark));
  if (chosen) turumba.setTheme(isDark ? "dark" : "light");
};
element("theme").addEventListener("click", () => {
  isDark = !isDark;
  paint();
});
paint();

let isAmharic = false;
element("language").addEventListener("click", ({ currentTarget }) => {
  isAmharic = !isAmharic;
  const button = currentTarget as HTMLElement;
  button.textContent = isAmharic ? "English" : "አማርኛ";
  button.lang = isAmharic ? "en" : "am";
  turumba.setLocale(isAmharic ? "am" : "en");
});

element("hide-tour").addEventListener("click", () => document.querySelector(".tour")!.remove());
