// One hub with the demo and one browser, for all specs.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { signIn } from "./api.js";
import { ROOT, startHub } from "./hub.js";

const SCREENS = join(ROOT, "target", "screens");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What the specs share; filled by `start`. */
export const world = { hub: undefined, browser: undefined };

export async function start() {
  world.hub = await startHub();
  world.browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--disable-extensions",
      // a build that the harness serves has no address, and may then open no socket to this machine
      ...(process.env.TURUMBA_WEB_DIST ? ["--disable-features=LocalNetworkAccessChecks"] : [])],
  });
}

export async function end() {
  await world.browser?.close();
  await world.hub?.stop();
  if (world.hub?.errors.length) console.log(`the hub said:\n  ${world.hub.errors.join("\n  ")}`);
}

/** A browser of its own: nothing is shared with other visitors. Ends with the test `t`. */
export async function visitor(t, options = {}) {
  const context = await world.browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB", ...options });
  t.after(() => context.close());
  return context;
}

/** A page whose errors fail the test, except those that `expected` matches. */
export async function open(t, context, url, { expected, uncaught } = {}) {
  const page = await context.newPage();
  const errors = [];
  // what a page throws fails, too, unless the caller wants to look at it
  page.on("pageerror", (error) => (uncaught && expected?.test(String(error)) ? uncaught : errors).push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !expected?.test(message.text())) errors.push(message.text());
  });
  t.after(() => {
    if (errors.length) throw new Error(`errors on ${url}:\n${errors.join("\n")}`);
  });
  await page.goto(url);
  return page;
}

/** Keeps a picture in target/screens, to be looked at. */
export async function shot(page, name) {
  mkdirSync(SCREENS, { recursive: true });
  // what moves has come to rest, and text has its font
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(350);
  await page.screenshot({ path: join(SCREENS, `${name}.png`) });
}

/** Serious and critical findings of axe in a page or a frame; none is as it should be. */
export async function axe(frame, { include, disable = [] } = {}) {
  // by evaluation, which a page's policy does not forbid
  await frame.evaluate(AXE);
  const found = await frame.evaluate(([within, off]) => window.axe.run(within ?? document, {
    resultTypes: ["violations"],
    rules: Object.fromEntries(off.map((rule) => [rule, { enabled: false }])),
  }), [include, disable]);
  return found.violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" | ")}`);
}

let owner;
/** The owner's rights, signed in anew before the token ends: the suite outlives it. */
export async function asOwner() {
  if (!owner || owner.until < Date.now()) owner = { ...await signIn(world.hub), until: Date.now() + 8 * 60_000 };
  return owner.call;
}

let made = 0;
/** A web chat of its own, with the owner's rights: `{id, key}`. */
export async function webchat(settings = {}, credentials) {
  const call = await asOwner();
  const channel = await call("POST", "/v1/channels", {
    name: `Web chat ${++made}`, channel_type: "webchat", settings, ...(credentials && { credentials }),
  });
  return { id: channel.id, key: channel.settings.public_key };
}

/** Waits until `check` holds: what is to happen has a moment to do so. */
export async function until(check, what = check.toString(), patience = 15_000) {
  const limit = Date.now() + patience;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > limit) throw new Error(`it did not come to this: ${what}`);
    await new Promise((done) => setTimeout(done, 60));
  }
}
