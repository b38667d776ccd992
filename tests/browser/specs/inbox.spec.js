import assert from "node:assert/strict";

import { customer } from "../harness/customer.js";
import { inbox } from "../harness/inbox.js";
import { proxy } from "../harness/proxy.js";
import { test } from "../harness/test.js";
import { axe, shot, until, world } from "../harness/world.js";

const thread = (page) => page.locator("[data-timeline]");
const bubble = (page, text) => thread(page).locator("[data-message]", { hasText: text });
const box = (page) => page.getByRole("combobox", { name: /Reply to the customer|Private note/ });
const state = (page) => page.locator("header [data-standing]");

async function opens(page, id, base = world.hub.url) {
  await page.goto(`${base}/inbox/all/${id}`);
  await thread(page).locator("[data-message]").first().waitFor();
}

test("inbox: takeover, canned reply, note, attachment, resolve", { timeout: 180_000 }, async (t) => {
  const almaz = await customer(t);
  const id = await almaz.say("hello");
  const page = await inbox(t, "/inbox/all", { as: "hanna" });
  await page.locator(`[data-conversation="${id}"]`).click();
  await bubble(page, "hello").first().waitFor();
  await until(async () => (await state(page).getAttribute("data-standing")) === "bot");
  assert.ok(await thread(page).locator("[data-kind=bot]").count(), "the bot's answer is told apart");
  await thread(page).locator("[data-line=rule]").waitFor();

  await page.getByRole("button", { name: "Take over" }).click();
  await until(async () => (await state(page).getAttribute("data-standing")) === "assigned");

  // `/` calls up canned responses, with the customer's name in them
  await page.keyboard.press("r");
  await box(page).pressSequentially("/hello");
  await page.getByRole("option", { name: /Greeting/ }).waitFor();
  await box(page).press("Enter");
  await until(async () => (await box(page).inputValue()).includes("Hello Almaz"));
  await box(page).press("Enter");
  await almaz.hears("Hello Almaz");
  await bubble(page, "Hello Almaz").waitFor();
  assert.equal(await box(page).inputValue(), "");

  // a note stays among colleagues
  await page.keyboard.press("Control+/");
  await box(page).fill("she is a regular");
  await shot(page, "inbox-note-light");
  await box(page).press("Enter");
  await thread(page).locator("[data-kind=note]", { hasText: "she is a regular" }).waitFor();

  // a file goes along
  await page.locator("input[type=file]").setInputFiles({ name: "menu.txt", mimeType: "text/plain", buffer: Buffer.from("coffee") });
  await page.locator("[data-upload=done]").waitFor();
  await box(page).fill("Here is our menu");
  await box(page).press("Enter");
  const got = await almaz.hears("Here is our menu");
  assert.equal(got.attachments[0].filename, "menu.txt");
  await bubble(page, "menu.txt").waitFor();
  assert.ok(!almaz.heard.some((message) => message.content.includes("regular")), "the customer sees no note");

  await page.getByRole("button", { name: "Resolve" }).click();
  await until(async () => (await state(page).getAttribute("data-standing")) === "resolved");
  await thread(page).getByText(/Resolved by/).waitFor();
  await page.getByRole("button", { name: "Reopen" }).click();
  await until(async () => (await state(page).getAttribute("data-standing")) !== "resolved");
});

test("inbox: of two agents who want the same conversation one gets it", { timeout: 120_000 }, async (t) => {
  const almaz = await customer(t, { name: "Wanted" });
  const id = await almaz.say("hello");
  const pages = await Promise.all(["hanna", "samuel"].map((as) => inbox(t, "/inbox/bot", { as })));
  for (const page of pages) {
    await opens(page, id);
    await page.getByRole("button", { name: "Take over" }).waitFor();
  }
  await pages[0].locator("[data-viewers]", { hasText: "Samuel" }).waitFor();
  // both hold the old look of it when they press
  await Promise.all(pages.map((page) => page.keyboard.press("a")));
  await until(async () => (await state(pages[0]).getAttribute("data-standing")) === "assigned");
  await until(async () => (await state(pages[1]).getAttribute("data-standing")) === "assigned");
  const withMe = await Promise.all(pages.map((page) => page.getByText("with you", { exact: true }).count()));
  assert.equal(withMe.reduce((sum, count) => sum + count, 0), 1, "one has it, and both see who");
});

test("inbox: a cut network loses nothing and doubles nothing", { timeout: 180_000 }, async (t) => {
  const wires = await proxy(world.hub.port);
  t.after(() => wires.close());
  const almaz = await customer(t, { name: "Far away" });
  const id = await almaz.say("hello");
  const page = await inbox(t, "/inbox/all", { as: "hanna", base: wires.url, expected: /WebSocket|Failed to load|net::/ });
  await opens(page, id, wires.url);
  await page.getByRole("button", { name: "Take over" }).click();
  await until(async () => (await state(page).getAttribute("data-standing")) === "assigned");

  wires.silence();
  for (const text of ["first in the dark", "second in the dark"]) {
    await box(page).fill(text);
    await box(page).press("Enter");
  }
  await thread(page).locator("[data-pending]").nth(1).waitFor();
  await page.locator("[data-banner=lost]").waitFor({ timeout: 30_000 });
  await shot(page, "inbox-offline-light");
  await almaz.say("are you there?");

  wires.heal();
  await almaz.hears("second in the dark");
  await bubble(page, "are you there?").waitFor({ timeout: 40_000 });
  await until(async () => (await thread(page).locator("[data-pending]").count()) === 0);
  const texts = almaz.heard.filter((message) => message.sender_type === "agent").map((message) => message.content);
  assert.deepEqual(texts, ["first in the dark", "second in the dark"]);
  for (const text of [...texts, "are you there?"]) assert.equal(await bubble(page, text).count(), 1);
  await page.locator("[data-banner=lost]").waitFor({ state: "detached" });
});

test("inbox: what is written survives a reload, and the keys work", { timeout: 120_000 }, async (t) => {
  const almaz = await customer(t, { name: "Draft" });
  const id = await almaz.say("hello");
  const page = await inbox(t, "/inbox/all", { as: "ruth" });
  await opens(page, id);
  await page.keyboard.press("r");
  await box(page).fill("half a thou");
  await page.reload();
  await until(async () => (await box(page).inputValue()) === "half a thou");
  await box(page).press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder(/Search conversations/).fill("unass");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/inbox\/unassigned/);
});

for (const [theme, width, height] of [["dark", 1440, 900], ["light", 1440, 900], ["dark", 400, 860], ["light", 360, 740]]) {
  test(`inbox: ${theme}, ${width} wide: nothing serious for axe, nothing sticks out`, { timeout: 120_000 }, async (t) => {
    const almaz = await customer(t, { name: "Tigist Haile" });
    const id = await almaz.say("refund please");
    const page = await inbox(t, "/inbox/all", { colorScheme: theme, viewport: { width, height } });
    await page.locator(`[data-conversation="${id}"]`).waitFor();
    await shot(page, `inbox-list-${theme}-${width}`);
    assert.deepEqual(await axe(page), []);
    await opens(page, id);
    await shot(page, `inbox-thread-${theme}-${width}`);
    assert.deepEqual(await axe(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling");
  });
}
