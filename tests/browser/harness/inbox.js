// The inbox application, signed in.
import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

import { PASSWORD } from "./api.js";
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
