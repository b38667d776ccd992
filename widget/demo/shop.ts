// The shop's own script: what any page would do to carry the chat, and the tour around it.
import { load, turumba } from "../src/npm";
import "./shop.css";

const KEPT = "abol.chat-key";
const element = <E extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as E;

const key = decodeURIComponent(location.hash.slice(1));
// the address may carry a place on the page instead
const isPlace = ["", "top", "beans", "story"].includes(key);
const chosen = isPlace ? sessionStorage.getItem(KEPT) : key;

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
