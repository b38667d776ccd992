import assert from "node:assert/strict";

import { Agent } from "../harness/api.js";
import { axe, shot, until, world } from "../harness/world.js";
import { test } from "../harness/test.js";
import { chat, clickLauncher, frameOf, launcher, openChat, shown, write } from "../harness/widget.js";

/** The demo's bot has answered the first message. */
const greeted = (frame) => until(async () => (await shown(frame)).some((text) => text.startsWith("they: Selam")), "the bot's greeting");

test("widget: a visitor and an agent, from the first word to the rating", { timeout: 120_000 }, async (t) => {
  const { page } = await chat(t, { settings: { team_name: "Abol Coffee", welcome_message: "Selam! How can we help?" } });
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());

  await launcher(page);
  assert.equal(page.frames().length, 1, "nothing is loaded before it is wanted");
  await shot(page, "widget-launcher-light");
  const frame = await openChat(page);
  await frame.getByText("Selam! How can we help?").waitFor();
  assert.equal(await frame.locator("h1").textContent(), "Abol Coffee");
  await frame.getByText("We are online").waitFor();
  assert.equal(await frame.evaluate(() => document.activeElement.tagName), "TEXTAREA");
  await shot(page, "widget-welcome-light");

  const hello = `Is the Guji still there? ${Date.now()}`;
  await write(frame, hello);
  await until(async () => (await shown(frame)).includes(`me: ${hello}`));
  await greeted(frame);
  const { id } = await agent.find(hello);
  await agent.take(id);
  await frame.getByText("Hanna Tadesse has joined").waitFor();
  await until(async () => (await frame.locator("h1").textContent()) === "Hanna Tadesse");

  // typing, both ways
  await agent.ask("conversation:typing:start", { conversation_id: id });
  await frame.locator(".typing").waitFor();
  await shot(page, "widget-typing-light");
  await frame.locator("textarea").pressSequentially("And ");
  await agent.hear("conversation:typing", ({ typing, sender_type }) => typing && sender_type === "contact");

  // a note is none of the visitor's business
  await agent.say(id, "wants the natural one", { is_private: true });
  await agent.say(id, "Yes! Eleven bags are left. See https://abol.example/guji.");
  await until(async () => (await shown(frame)).some((text) => text.includes("Eleven bags")));
  assert.equal(await frame.locator(".typing").count(), 0);
  assert.equal(await frame.getByText("wants the natural one").count(), 0);
  const link = frame.locator(".bubble a");
  assert.equal(await link.getAttribute("href"), "https://abol.example/guji");
  assert.match(await link.getAttribute("rel"), /noopener/);

  // ticks: the agent has read, and the agent's message was delivered and read
  await frame.locator(".own .tick.seen").first().waitFor();
  await agent.hear("message:status", ({ status }) => status === "read");

  await write(frame, "And two, please.");
  await until(async () => (await shown(frame)).at(-1) === "me: And two, please.");
  await shot(page, "widget-thread-light");
  assert.deepEqual(await axe(frame), []);

  // resolve, rating
  await agent.ask("conversation:status", { conversation_id: id, status: "resolved" });
  await frame.getByText("How did we do?").waitFor();
  await shot(page, "widget-rating-light");
  await frame.getByText("4 of 5").click({ force: true });
  await frame.getByPlaceholder("Tell us more").fill("Quick and kind");
  await shot(page, "widget-rating-chosen-light");
  assert.deepEqual(await axe(frame), []);
  await frame.getByRole("button", { name: "Send rating" }).click();
  await frame.getByText("Thank you for your rating.").waitFor();
  const told = await until(async () => {
    const { conversation } = await agent.ask("conversation:join", { conversation_id: id });
    return conversation.csat_rating && conversation;
  });
  assert.equal(told.csat_rating, 4);
  assert.equal(told.csat_comment, "Quick and kind");

  // kept over visits, and not asked again
  await page.reload();
  const again = await frameOf(page);
  await until(async () => (await shown(again)).length === 4);
  await again.getByText("Thank you for your rating.").waitFor();

  // writing again goes on with it
  await write(again, "One more thing");
  await until(async () => (await agent.ask("conversation:join", { conversation_id: id })).conversation.status !== "resolved");
  await until(async () => (await again.locator(".rating").count()) === 0);
});

test("widget: a closed chat counts what comes, shows it, and forgets nothing between pages", { timeout: 90_000 }, async (t) => {
  const { page, shop } = await chat(t, { settings: { team_name: "Abol" } });
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  await page.evaluate(() => {
    window.told = [];
    for (const event of ["open", "close", "unread", "message", "conversation"]) window.turumba.on(event, (detail) => window.told.push([event, detail]));
  });
  const frame = await openChat(page);
  const hello = `Do you deliver? ${Date.now()}`;
  await write(frame, hello);
  await greeted(frame);
  const { id } = await agent.find(hello);
  await frame.locator("textarea").press("Escape");
  await until(() => page.evaluate(() => !window.turumba.isOpen));
  await agent.say(id, "We do, in Addis Ababa and Adama.");
  await agent.say(id, "Tomorrow, if you order before noon.");
  await until(() => page.evaluate(() => window.told.some(([event, detail]) => event === "unread" && detail.count === 2)));
  await shot(page, "widget-preview-light");
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "widget-preview-dark");
  assert.ok(await page.evaluate(() => window.told.some(([event, detail]) => event === "message" && detail.text.startsWith("We do"))));

  // on the next page the number is there again, before anything is opened
  await page.goto(`${shop.url}/other`);
  await page.evaluate(() => new Promise((done) => {
    window.turumba = window.turumba || [];
    window.turumba.push(["on", "unread", ({ count }) => count === 2 && done()]);
  }));
  await clickLauncher(page);
  const next = await frameOf(page);
  await until(async () => (await shown(next)).length === 4);
  await agent.hear("message:status", ({ status }) => status === "read");
  await shot(page, "widget-thread-dark");
});

test("widget: the visitor can end the chat", { timeout: 60_000 }, async (t) => {
  const { page } = await chat(t);
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  const frame = await openChat(page);
  const hello = `Only a question ${Date.now()}`;
  await write(frame, hello);
  const { id } = await agent.find(hello);
  await frame.getByRole("button", { name: "End chat" }).click();
  await frame.getByText("End this chat?").waitFor();
  await shot(page, "widget-end-light");
  // Escape leaves the question, not the chat
  await page.keyboard.press("Escape");
  assert.ok(await page.evaluate(() => window.turumba.isOpen));
  await frame.getByRole("button", { name: "End chat" }).click();
  await frame.locator(".ask .yes").click();
  await frame.locator(".rating").waitFor();
  assert.equal((await agent.ask("conversation:join", { conversation_id: id })).conversation.status, "resolved");
});
