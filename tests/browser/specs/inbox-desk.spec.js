// The agent's desk: being called, many at once, contacts, pictures, and a session that a reload does not end.
import assert from "node:assert/strict";

import { Agent } from "../harness/api.js";
import { customer } from "../harness/customer.js";
import { inbox } from "../harness/inbox.js";
import { sms } from "../harness/sandbox.js";
import { test } from "../harness/test.js";
import { asOwner, axe, shot, until, world } from "../harness/world.js";

const thread = (page) => page.locator("[data-timeline]");
const state = (page) => page.locator("header [data-standing]");

async function opens(page, id) {
  await page.goto(`${world.hub.url}/inbox/all/${id}`);
  await thread(page).locator("[data-message]").first().waitFor();
}

/** Notes what the browser would show and sound. */
function listen() {
  window.told = { shown: [], sounds: 0 };
  window.Notification = class {
    static permission = localStorage.getItem("test.permission") ?? "default";
    static async requestPermission() {
      const answer = localStorage.getItem("test.answer") ?? "granted";
      localStorage.setItem("test.permission", answer);
      return (this.permission = answer);
    }
    constructor(title, options) {
      window.told.shown.push({ title, ...options });
    }
    close() {}
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) {
    window.told.sounds++;
    return start.apply(this, given);
  };
  Object.defineProperty(document, "hidden", { get: () => window.isAway === true });
}

test("inbox: an agent is called by sound and by the desktop, as they like", { timeout: 180_000 }, async (t) => {
  const page = await inbox(t, "/inbox/mine", { as: "samuel", init: listen });
  const toggle = async (name, then = () => {}) => {
    // a conversation of theirs is a button with their name, too
    await page.getByRole("button", { name: /Samuel/ }).first().click();
    await page.getByRole("menuitemcheckbox", { name }).click();
    await then();
    // the first Escape may be a toast's
    await until(async () => {
      if ((await page.getByRole("menu").count()) === 0) return true;
      await page.keyboard.press("Escape");
      return false;
    }, "the menu closes");
  };
  // refused by the browser: said, and not switched on
  await page.evaluate(() => localStorage.setItem("test.answer", "denied"));
  await toggle("On the desktop", () => page.getByText("The browser does not allow notifications").first().waitFor());
  assert.equal(await page.evaluate(() => JSON.parse(localStorage.getItem("turumba.prefs") ?? "{}").desktop ?? false), false);
  await page.evaluate(() => {
    localStorage.setItem("test.answer", "granted");
    window.Notification.permission = "default";
  });
  await toggle("On the desktop");
  await until(() => page.evaluate(() => JSON.parse(localStorage.getItem("turumba.prefs") ?? "{}").desktop === true));

  const almaz = await customer(t, { name: "Calling" });
  const id = await almaz.say("hello");
  const colleague = await Agent.start(world.hub, "owner@demo.example");
  t.after(() => colleague.close());
  const [samuel] = (await (await asOwner())("GET", "/v1/users?filter=email:eq:samuel@demo.example"));
  await page.evaluate(() => (window.isAway = true));
  await colleague.ask("conversation:assign", { conversation_id: id, assignee_id: samuel.id });
  await until(() => page.evaluate(() => window.told.shown.some(({ title }) => title === "Calling is yours now")));
  await until(() => page.evaluate(() => window.told.sounds > 0), "it is heard");
  await page.getByRole("status").or(page.getByRole("region")).getByText("Calling is yours now").first().waitFor();

  // without sound: still shown, not heard
  await page.evaluate(() => (window.isAway = false));
  await toggle("Sound");
  await page.evaluate(() => Object.assign(window, { isAway: true, told: { shown: [], sounds: 0 } }));
  await almaz.say("are you there?");
  await until(() => page.evaluate(() => window.told.shown.some(({ title, body }) => /Calling/.test(title) && body === "are you there?")));
  assert.equal(await page.evaluate(() => window.told.sounds), 0);
  await until(async () => /^\(\d+\)/.test(await page.title()), "the tab counts what is unread");
});

test("inbox: several conversations are changed at once", { timeout: 180_000 }, async (t) => {
  const customers = await Promise.all(["One", "Two", "Three"].map(async (name) => {
    const one = await sms({ name: `Bulk ${name}` });
    return one.say(`bulk question ${name}`);
  }));
  const page = await inbox(t, "/inbox/all?q=Bulk", { as: "owner" });
  for (const id of customers) await page.locator(`[data-conversation="${id}"]`).waitFor();
  const choose = (name) => page.getByRole("checkbox", { name: `Choose Bulk ${name}` });
  await choose("One").click({ force: true });
  await choose("Three").click({ force: true });
  await choose("Two").click({ force: true });
  const bar = page.getByRole("toolbar", { name: "Chosen conversations" });
  await bar.getByText("3 chosen").waitFor();
  await shot(page, "inbox-bulk-light");
  assert.deepEqual(await axe(page), []);
  await bar.getByRole("button", { name: "Priority" }).click();
  await page.getByRole("menuitem", { name: "Urgent" }).click();
  await page.getByText("3 conversations changed").first().waitFor();
  const call = await asOwner();
  const all = () => Promise.all(customers.map((id) => call("GET", `/v1/conversations/${id}`)));
  assert.deepEqual((await all()).map(({ priority }) => priority), ["urgent", "urgent", "urgent"]);

  await choose("One").click({ force: true });
  await choose("Two").click({ force: true });
  await bar.getByRole("button", { name: "Labels" }).click();
  await page.getByRole("menuitem", { name: "refund" }).click();
  await page.getByText("2 conversations changed").first().waitFor();
  assert.deepEqual((await all()).map(({ labels }) => labels.includes("refund")), [true, true, false]);
  await choose("One").click({ force: true });
  await choose("Two").click({ force: true });
  await choose("Three").click({ force: true });
  await bar.getByRole("button", { name: "Resolve" }).click();
  await until(async () => (await all()).every(({ status }) => status === "resolved"));
  // what is over is no longer among those that are live
  for (const id of customers) await page.locator(`[data-conversation="${id}"]`).waitFor({ state: "detached" });
});

test("inbox: a contact is put right", { timeout: 120_000 }, async (t) => {
  const bekele = await sms({ name: "Bekelle" });
  const id = await bekele.say("hello");
  const page = await inbox(t, "/", { as: "owner", expected: /status of 4\d\d/ });
  await opens(page, id);
  const panel = page.getByRole("complementary", { name: "Contact" });
  await panel.getByRole("button", { name: "Edit the contact" }).click();
  const form = page.getByRole("dialog", { name: "Contact" });
  await form.getByLabel("Name", { exact: true }).fill(" ");
  await form.getByLabel("E-mail").fill("no address");
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByRole("alert").filter({ hasText: "This must be filled in" }).waitFor();
  await form.getByLabel("Name", { exact: true }).fill("Bekele Girma");
  // what the hub refuses stands at its field, and nothing typed is lost
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByLabel("E-mail").and(page.locator("[aria-invalid=true]")).waitFor();
  assert.equal(await form.getByLabel("Name", { exact: true }).inputValue(), "Bekele Girma");
  await form.getByLabel("E-mail").fill(`bekele.${Date.now()}@example.com`);
  await form.getByLabel("Tags").fill("wholesale");
  await page.keyboard.press("Enter");
  await form.getByRole("button", { name: "Add property" }).click();
  await form.getByRole("textbox", { name: /^Value of property/ }).last().fill("Adama");
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText("This must be filled in").first().waitFor();
  await form.getByRole("textbox", { name: /^Name of property/ }).last().fill("city");
  // the button is under the pointer; its colour comes slowly
  await page.waitForTimeout(300);
  await shot(page, "inbox-contact-light");
  assert.deepEqual(await axe(page), []);
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "detached" });
  // the panel, the head and the list know it at once
  await panel.getByText("Adama").waitFor();
  await panel.getByText("wholesale").waitFor();
  await page.locator("header").getByRole("heading", { name: "Bekele Girma" }).waitFor();
  await page.locator(`[data-conversation="${id}"]`).getByText("Bekele Girma").waitFor();
  const { contact_id } = await (await asOwner())("GET", `/v1/conversations/${id}`);
  const stored = await (await asOwner())("GET", `/v1/contacts/${contact_id}`);
  assert.deepEqual([stored.name, stored.properties.city, stored.tags], ["Bekele Girma", "Adama", ["wholesale"]]);
});

test("inbox: a reload in the middle of a refresh signs nobody out", { timeout: 120_000 }, async (t) => {
  const page = await inbox(t, "/inbox/mine", { as: "ruth", expected: /ERR_|Failed to fetch|status of/ });
  await page.locator("[data-conversation], [data-list]").or(page.getByText("Nothing here")).first().waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0, "no token lies in the tab's storage");
  const before = await page.evaluate(() => localStorage.getItem("turumba.refresh"));
  // the hub does it, and the answer is lost with the page
  let isLost = false;
  await page.route("**/v1/auth/refresh", async (route) => {
    if (isLost) return route.continue();
    isLost = true;
    await route.fetch();
    await route.abort();
  });
  await page.reload();
  await until(() => isLost);
  assert.equal(await page.evaluate(() => localStorage.getItem("turumba.refresh")), before, "the used token is still the newest here");
  await page.reload();
  await page.locator("[data-list]").or(page.getByText("Nothing here")).first().waitFor();
  assert.ok(!page.url().includes("sign-in"));
  const after = await page.evaluate(() => localStorage.getItem("turumba.refresh"));
  assert.notEqual(after, before);
  await page.reload();
  await page.locator("[data-list]").or(page.getByText("Nothing here")).first().waitFor();
});
