// What a page and the widget are to each other: the interface, the typed entry, and who may carry it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Agent } from "../harness/api.js";
import { ROOT } from "../harness/hub.js";
import { carrying, site } from "../harness/site.js";
import { test } from "../harness/test.js";
import { chat, clickLauncher, frameOf, launcher, openChat, shown, write } from "../harness/widget.js";
import { open, until, visitor, webchat, world } from "../harness/world.js";

const told = (page, event) => page.evaluate((name) => window.told.filter(([one]) => one === name).map(([, detail]) => detail), event);
const isOpen = (page) => page.evaluate(() => window.turumba.isOpen);
/** Whether the launcher takes a click where it is. */
async function isShown(page) {
  const before = await isOpen(page);
  await clickLauncher(page);
  await page.waitForTimeout(150);
  const after = await isOpen(page);
  if (after !== before) await page.evaluate(() => window.turumba.toggle());
  return after !== before;
}

test("widget: every method of the interface does what it says", { timeout: 120_000 }, async (t) => {
  const { page } = await chat(t, { page: { head: `<script>
    window.told = [];
    window.turumba = window.turumba || [];
    for (const event of ["ready", "open", "close", "unread", "message", "conversation", "identified", "error"]) {
      turumba.push(["on", event, (detail) => window.told.push([event, detail])]);
    }
    turumba.push(["setAttributes", { plan: "gold" }], ["setTheme", "dark"], ["nonsense"], ["open"]);
  </script>` } });
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  await launcher(page);
  await until(() => isOpen(page), "calls from before the script are done, whatever stands among them");
  assert.equal((await told(page, "ready")).length, 1);
  assert.equal((await told(page, "open")).length, 1);
  const frame = await frameOf(page);
  await frame.locator("textarea").waitFor();
  assert.equal(await frame.evaluate(() => document.documentElement.dataset.theme), "dark");

  await page.evaluate(() => window.turumba.setTheme("light"));
  await until(() => frame.evaluate(() => document.documentElement.dataset.theme === "light"));
  await page.evaluate(() => window.turumba.setLocale("am"));
  await frame.getByPlaceholder("መልእክት ይጻፉ…").waitFor();
  await page.evaluate(() => window.turumba.setLocale("en"));

  await page.evaluate(() => window.turumba.close());
  assert.equal(await isOpen(page), false);
  await until(async () => (await told(page, "close")).length === 1);
  await page.evaluate(() => window.turumba.toggle());
  assert.equal(await isOpen(page), true);
  await page.evaluate(() => window.turumba.hide());
  assert.equal(await isOpen(page), false, "hiding closes");
  assert.equal(await isShown(page), false);
  await page.evaluate(() => window.turumba.open());
  assert.equal(await isOpen(page), true, "a page can open it without a launcher");
  await page.evaluate(() => { window.turumba.close(); window.turumba.show(); });
  assert.equal(await isShown(page), true);
  await page.evaluate(() => window.turumba.open());

  // who it is, and what is known of them, reaches the agent
  await page.evaluate(() => {
    window.turumba.setAttributes({ cart: 3 });
    window.turumba.identify({ name: "Sara Girma", email: "sara@example.com", attributes: { city: "Adama" } });
  });
  await until(async () => (await told(page, "identified")).length > 0);
  assert.deepEqual((await told(page, "identified")).at(-1), { verified: false }, "a claim is no proof");
  const hello = `Who am I? ${Date.now()}`;
  await write(frame, hello);
  const { id, contact } = await agent.find(hello);
  assert.equal(contact.name, "Sara Girma");
  assert.deepEqual([contact.visitor.attributes.plan, contact.visitor.attributes.cart, contact.visitor.attributes.city], ["gold", 3, "Adama"]);
  await until(async () => (await told(page, "conversation")).some((one) => one.id === id));

  // a handler that was taken off hears nothing more
  await page.evaluate(() => {
    window.heard = 0;
    const hear = () => window.heard++;
    window.turumba.on("message", hear);
    window.turumba.off("message", hear);
    window.turumba.close();
  });
  await agent.say(id, "You are Sara.");
  await until(async () => (await told(page, "message")).some(({ text, name }) => text === "You are Sara." && name === "Hanna Tadesse"));
  await until(async () => (await told(page, "unread")).some(({ count }) => count === 1));
  assert.equal(await page.evaluate(() => window.heard), 0);

  await page.evaluate(() => window.turumba.open());
  await until(async () => (await shown(frame)).includes("they: You are Sara."));
  await page.evaluate(() => window.turumba.reset());
  await until(async () => (await shown(frame)).length === 0);
  assert.equal(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.endsWith(".draft") || key.endsWith(".active")).length), 0, "nothing of the visitor is kept");
  await page.evaluate(() => window.turumba.destroy());
  assert.equal(await page.locator("turumba-chat").count(), 0);
  await until(() => page.frames().length === 1);
  assert.equal(await page.evaluate(() => window.turumba), undefined);
});

test("widget: what a handler of the page throws is the page's own trouble", { timeout: 60_000 }, async (t) => {
  const { page, errors } = await chat(t, { expected: /Uncaught|of the page/, page: { head: `<script>
    window.turumba = window.turumba || [];
    turumba.push(["on", "ready", () => { throw new Error("of the page"); }], ["open"]);
  </script>` } });
  await launcher(page);
  await until(() => isOpen(page));
  const frame = await frameOf(page);
  await frame.locator("textarea").waitFor();
  // a second attempt to start would come after two seconds
  await page.waitForTimeout(2_500);
  assert.equal(await page.locator("turumba-chat").count(), 1);
  assert.deepEqual(errors, ["Error: of the page"], "and is not hidden from it");
});

test("widget: the typed entry for bundlers is the same chat", { timeout: 60_000 }, async (t) => {
  const { key } = await webchat();
  const entry = readFileSync(join(ROOT, "widget/dist/npm/index.js"), "utf8");
  const shop = await site({
    "/turumba.js": { type: "text/javascript", body: entry },
    "/": `<!doctype html><html lang="en"><title>Shop</title><body><h1>Shop</h1><script type="module">
      import { load, turumba } from "/turumba.js";
      window.told = [];
      const settings = { hub: ${JSON.stringify(world.hub.url)}, key: ${JSON.stringify(key)}, theme: "dark", position: "bottom-left" };
      // before the script is there
      window.chat = load(settings);
      window.chat.on("open", () => window.told.push("open"));
      window.chat.open();
      window.isSame = load(settings) === window.chat && window.chat === turumba && !window.chat.isOpen;
      window.again = () => load(settings);
    </script></body></html>`,
  });
  t.after(() => shop.close());
  const page = await open(t, await visitor(t), shop.url);
  await until(() => page.evaluate(() => window.chat?.isOpen), "it opens when it has come");
  assert.ok(await page.evaluate(() => window.isSame));
  const frame = await frameOf(page);
  await frame.locator("textarea").waitFor();
  assert.equal(await frame.evaluate(() => document.documentElement.dataset.theme), "dark");
  assert.deepEqual(await page.evaluate(() => window.told), ["open"]);
  assert.ok((await page.locator("turumba-chat").boundingBox()).x < 100, "the settings are taken");
  await page.evaluate(() => window.chat.destroy());
  assert.equal(await page.locator("turumba-chat").count(), 0);
  await page.evaluate(() => window.again());
  await launcher(page);
});

test("widget: only allowed origins may carry it, or frame it", { timeout: 90_000 }, async (t) => {
  const pages = (key) => ({ "/": carrying(world.hub.url, key), "/frame": `<iframe src="${world.hub.url}/widget/?key=${key}"></iframe>` });
  const free = await webchat();
  const shop = await site(pages(free.key));
  t.after(() => shop.close());
  const context = await visitor(t);
  const answers = [];
  context.on("response", (response) => response.url().includes("/widget/?key=") && answers.push(response));
  const framed = async () => {
    const page = await open(t, context, `${shop.url}/frame`, { expected: /frame-ancestors|Refused|Framing|violates/ });
    await until(() => answers.length, "the frame is asked for");
    const policy = answers.splice(0)[0].headers()["content-security-policy"];
    await page.waitForLoadState();
    const [, frame] = page.frames();
    // what a browser refuses to frame is a page of its own in its place
    const found = { policy, isThere: frame.url().startsWith(world.hub.url) && (await frame.locator("script[src^='/widget/assets/']").count()) > 0 };
    await page.close();
    return found;
  };

  // a list with this site on it, one without, and none
  const listed = await webchat({ allowed_origins: [shop.url, "https://shop.example"] });
  Object.assign(shop.pages, pages(listed.key));
  const carried = await open(t, context, shop.url);
  await openChat(carried);
  await carried.close();
  answers.splice(0);
  const allowed = await framed();
  assert.match(allowed.policy, new RegExp(`frame-ancestors 'self' ${shop.url} https://shop.example`));
  assert.ok(allowed.isThere);

  const other = await webchat({ allowed_origins: ["https://shop.example"] });
  Object.assign(shop.pages, pages(other.key));
  const page = await open(t, context, `${shop.url}/nothing`, { expected: /403|404/ });
  const warned = page.waitForEvent("console", { predicate: (message) => message.text().includes("cannot be shown here") });
  await page.goto(shop.url);
  await warned;
  assert.equal(await page.locator("turumba-chat").count(), 0);
  const refused = await framed();
  assert.match(refused.policy, /frame-ancestors 'self' https:\/\/shop\.example$/);
  assert.equal(refused.isThere, false, "nor by a frame of the page's own making");
});
