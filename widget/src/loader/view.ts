import style from "./style.css?inline";

function make<K extends keyof HTMLElementTagNameMap>(tag: K, ...inside: Node[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.append(...inside);
  return made;
}

/** The launcher, the preview and the place of the frame, out of reach of the page's style. */
export function view() {
  const host = document.createElement("turumba-chat");
  const root = host.attachShadow({ mode: "closed" });
  // a sheet of this kind is not subject to the page's policy on inline styles
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const label = make("span");
  const badge = make("b");
  const launcher = make("button", label, badge);
  const news = make("button");
  const dismiss = make("button");
  const preview = make("div", news, dismiss);
  preview.role = "status";
  preview.hidden = true;
  dismiss.textContent = "×";
  root.append(preview, launcher);
  // in a row, not by name: names would be a tenth of what the loader weighs
  return [host, root, launcher, label, badge, preview, news, dismiss] as const;
}
