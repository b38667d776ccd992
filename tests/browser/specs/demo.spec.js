// The demo: a shop that carries the chat, the inbox beside it, the sandbox phone, and the tour between them.
import assert from "node:assert/strict";

import { test } from "../harness/test.js";
import { frameOf, launcher, write } from "../harness/widget.js";
import { axe, open, shot, until, visitor, webchat, world } from "../harness/world.js";

test("demo: from the shop to the inbox and the phone, without a password", { timeout: 120_000 }, async (t) => {
  const context = await visitor(t, { viewport: { width: 1440, height: 900 } });
  // without a key in the address it is the demo's own chat
  const page = await open(t, context, `${world.hub.url}/demo`, { expected: /favicon|404/ });
  await launcher(page);
  const tour = page.getByRole("complementary", { name: "A short tour" });
  await tour.getByText("signed in as hanna").waitFor();

  const opened = context.waitForEvent("page");
  await tour.getByRole("link", { name: "Answer as an agent" }).click();
  const inbox = await opened;
  await inbox.waitForURL((url) => url.pathname.startsWith("/inbox/"));
  await inbox.getByRole("button", { name: /Hanna Tadesse, Online/ }).waitFor();

  // what is written in the shop appears in the window beside it
  await page.bringToFront();
  await tour.getByRole("button", { name: "Write as a customer" }).click();
  const chat = await frameOf(page);
  await chat.locator("textarea").waitFor();
  const hello = `refund please ${Date.now()}`;
  await write(chat, hello);
  // wide enough for the list beside the thread
  await inbox.setViewportSize({ width: 1280, height: 900 });
  await inbox.goto(`${world.hub.url}/inbox/all`);
  /** The newest conversation of the inbox holds it; the bot may have answered since. */
  const arrives = (text) => until(async () => {
    await inbox.locator("[data-conversation]").first().click();
    return inbox.locator("[data-timeline]").getByText(text).first().isVisible();
  }, `${text} is in the inbox`);
  await arrives(hello);

  const phoned = context.waitForEvent("page");
  await tour.getByRole("link", { name: /Write as SMS/ }).click();
  const phone = await phoned;
  await phone.getByRole("button", { name: "Go in as its owner" }).click();
  await phone.getByLabel("Message", { exact: true }).fill("From the phone");
  await phone.getByRole("button", { name: "Send", exact: true }).click();
  await phone.getByRole("log").getByText("From the phone").waitFor();
  await shot(phone, "demo-phone");
  await arrives("From the phone");
  await shot(inbox, "demo-inbox");

  await tour.getByRole("button", { name: "Hide the tour" }).click();
  await tour.waitFor({ state: "detached" });
});

test("demo: whoever signs in by hand sees the demo's people, and is one of them by a click", { timeout: 60_000 }, async (t) => {
  const page = await open(t, await visitor(t), `${world.hub.url}/sign-in`);
  const people = page.getByRole("region", { name: /This is a demo/ });
  await people.getByRole("button", { name: "Owner" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await people.getByRole("button", { name: "Samuel, agent" }).click();
  await page.getByRole("button", { name: /Samuel/ }).first().waitFor();
});

test("demo: the shop in both themes and on a phone", { timeout: 60_000 }, async (t) => {
  const { key } = await webchat({ team_name: "Abol Coffee", welcome_message: "Selam! Ask us about coffee.", offline_message: "Ask us about coffee; we answer in the morning." });
  const page = await open(t, await visitor(t), `${world.hub.url}/demo#${key}`, { expected: /favicon|404/ });
  await launcher(page);
  await shot(page, "demo-light");
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Write as a customer" }).click();
  const frame = await frameOf(page);
  await frame.getByText("Ask us about coffee").waitFor();
  await shot(page, "demo-open-light");
  await page.getByRole("button", { name: "Dark" }).click();
  await shot(page, "demo-open-dark");
  assert.deepEqual(await axe(page), []);
  // the shop's own language button is the chat's
  await page.getByRole("button", { name: "አማርኛ" }).click();
  await frame.getByPlaceholder("መልእክት ይጻፉ…").waitFor();
  const phone = await open(t, await visitor(t, { viewport: { width: 360, height: 740 } }), `${world.hub.url}/demo#${key}`, { expected: /favicon|404/ });
  await launcher(phone);
  await shot(phone, "demo-phone-light");
  assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the phone");
});
