// The inbox application, signed in.
import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

import { PASSWORD } from "./api.js";
import { ROOT } from "./hub.js";
import { open, visitor, world } from "./world.js";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json" };

/** With `TURUMBA_WEB_DIST` the application comes from that folder, as Vite built it, instead of from the program. */
async function serveBuild(context, folder, base) {
  const hubs = /^\/(v1|socket\.io|openapi\.json|docs|files|widget|demo|sandbox)/;
  await context.route((url) => url.origin === base && !hubs.test(url.pathname), (route) => {
    const { pathname } = new URL(route.request().url());
    const file = join(folder, pathname);
    const path = extname(pathname) && existsSync(file) ? file : join(folder, "index.html");
    return route.fulfill({ body: readFileSync(path), contentType: TYPES[extname(path)] ?? "application/octet-stream" });
  });
}

/** Opens `path` of the inbox as one of the demo's people: `hanna`, `owner`. `base`: another way to the hub. */
export async function inbox(t, path = "/", { as = "owner", base = world.hub.url, expected, init, ...options } = {}) {
  const context = await visitor(t, { viewport: { width: 1440, height: 900 }, ...options });
  if (process.env.TURUMBA_WEB_DIST) await serveBuild(context, process.env.TURUMBA_WEB_DIST, base);
  if (init) await context.addInitScript(init);
  const page = await open(t, context, `${base}/sign-in`, { expected });
  await page.locator("input[type=email]").fill(as.includes("@") ? as : `${as}@demo.example`);
  await page.locator("input[type=password]").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  if (path !== "/") await page.goto(base + path);
  return page;
}

/** Every text of the inbox's catalogues by language, where the two languages differ. */
const english = (() => {
  const flat = (value) => typeof value === "string" ? [value] : Object.values(value).flatMap(flat);
  const read = (language) => ["common", "inbox", "settings", "ui"].flatMap((name) =>
    flat(JSON.parse(readFileSync(join(ROOT, `inbox/web/src/locales/${language}/${name}.json`), "utf8"))));
  const amharic = new Set(read("am"));
  return read("en").filter((text) => !amharic.has(text) && !text.includes("{{") && /[a-z]{3}/.test(text));
})();

/** What a page in another language says in English: its texts, labels and hints that stand in the English catalogue. */
export async function englishOn(page) {
  const said = await page.evaluate(() => {
    const found = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) if (texts.currentNode.parentElement.checkVisibility()) found.add(texts.currentNode.data.trim());
    for (const name of ["aria-label", "placeholder", "title", "alt"]) {
      for (const one of document.querySelectorAll(`[${name}]`)) found.add(one.getAttribute(name).trim());
    }
    return [...found];
  });
  const known = new Set(english);
  // a label, a keyword and a channel of the demo, in whatever language the page is
  for (const name of ["refund", "Web chat"]) known.delete(name);
  return said.filter((text) => known.has(text));
}
