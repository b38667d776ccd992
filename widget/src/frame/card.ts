import style from "./card.css?inline";

const sheet = new CSSStyleSheet();
sheet.replaceSync(style);
// not subject to the policy on inline styles
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
