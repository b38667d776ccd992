// What a visitor meets besides the conversation itself: questions, the queue, proofs of who they are, and quiet.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

import { Agent } from "../harness/api.js";
import { test } from "../harness/test.js";
import { chat, clickLauncher, frameOf, launcher, openChat, shown, write } from "../harness/widget.js";
import { asOwner, axe, open, shot, until, visitor, world } from "../harness/world.js";

/** Agents of the spec before are still there for a moment, and might take what is written. */
async function nobodyIsThere(key) {
  const isOnline = async () => (await (await fetch(`${world.hub.url}/v1/public/chat/${key}`)).json()).data.online;
  const limit = Date.now() + 60_000;
  while (await isOnline()) {
    assert.ok(Date.now() < limit, "somebody stays online");
    await new Promise((done) => setTimeout(done, 1_000));
  }
}

test("widget: questions of every kind before the chat", { timeout: 90_000 }, async (t) => {
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  const { page } = await chat(t, { settings: { pre_chat_form: { enabled: true, fields: [
    { name: "name", label: "Your name", required: true },
    { name: "phone", label: "Phone" },
    { name: "about", label: "What is it about?", type: "select", required: true, options: ["An order", "A bill"] },
    { name: "details", label: "Details", type: "textarea", required: true },
  ] } } });
  const frame = await openChat(page);
  await frame.getByLabel("Your name").fill("Sara Girma");
  await frame.getByRole("button", { name: "Start chat" }).click();
  assert.equal(await frame.getByText("Please fill this in").count(), 2, "the choice and the details are missing");
  assert.equal(await frame.evaluate(() => document.activeElement.name), "about", "the first of them has the focus");
  await frame.getByLabel("What is it about?").selectOption("A bill");
  await frame.getByLabel("Details").fill("It came twice.\nBoth were paid.");
  assert.equal(await frame.getByText("Please fill this in").count(), 0, "what was put right is wrong no longer");
  await shot(page, "widget-questions-light");
  assert.deepEqual(await axe(frame), []);
  await frame.getByRole("button", { name: "Start chat" }).click();
  // the form has a field of several lines too: what is written now must not end up in it
  await frame.getByLabel("Details").waitFor({ state: "detached" });
  const hello = `Twice ${Date.now()}`;
  await write(frame, hello);
  const { contact } = await agent.find(hello);
  assert.equal(contact.name, "Sara Girma");
  assert.deepEqual(contact.visitor.attributes, { about: "A bill", details: "It came twice.\nBoth were paid." });
});

test("widget: a visitor who waits knows their place", { timeout: 120_000 }, async (t) => {
  const { page, channel } = await chat(t);
  await nobodyIsThere(channel.key);
  const frame = await openChat(page);
  const call = await asOwner();
  const hello = `refund please ${Date.now()}`;
  await write(frame, hello);
  await frame.getByText(/You are next|You are number \d+ in the queue/).waitFor({ timeout: 30_000 });
  await shot(page, "widget-queue-light");
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  const { id } = await agent.find(hello);
  await call("POST", `/v1/conversations/${id}/assign`, { assignee_id: agent.user.id });
  await frame.getByText("Hanna Tadesse has joined").waitFor();
  await frame.getByText(/You are next|You are number/).waitFor({ state: "hidden" });
});

test("widget: who joined, how it ended and what an answer answers are there after a reload", { timeout: 120_000 }, async (t) => {
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  // the agent has a picture
  const me = await agent.call("GET", "/v1/users/me");
  const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  const ticket = await agent.call("POST", "/v1/uploads", { filename: "me.png", mime_type: "image/png", size: pixel.length });
  await fetch(ticket.put_url, { method: "PUT", body: pixel });
  const { avatar_url } = await agent.call("PATCH", `/v1/users/${me.id}`, { avatar_upload_id: ticket.upload_id });
  assert.ok(avatar_url);
  t.after(() => agent.call("PATCH", `/v1/users/${me.id}`, { avatar_upload_id: null }));

  const { page } = await chat(t);
  const frame = await openChat(page);
  const hello = `Is it there? ${Date.now()}`;
  await write(frame, hello);
  const { id, entries } = await agent.find(hello);
  await agent.take(id);
  const question = entries.find((message) => message.content === hello);
  await agent.say(id, "It is.", { reply_to: question.id });
  await frame.locator(".quote", { hasText: hello }).waitFor();
  const seen = (where) => until(() => where.locator("header .avatar img").evaluate((image) => image.naturalWidth > 0), "the picture is shown");
  await seen(frame);
  await until(() => frame.locator(".row.other .avatar img").last().evaluate((image) => image.naturalWidth > 0));
  await shot(page, "widget-quote-light");
  await agent.ask("conversation:status", { conversation_id: id, status: "resolved" });
  await frame.getByText("This chat was ended").waitFor();

  await page.reload();
  const again = await frameOf(page);
  await again.getByText("Hanna Tadesse has joined").waitFor();
  await again.getByText("This chat was ended").waitFor();
  await again.locator(".quote", { hasText: hello }).waitFor();
  await seen(again);
  // where they belong: who joined stands before what was said then
  const order = await again.locator(".inside").evaluate((box) => box.innerText);
  assert.ok(order.indexOf("has joined") < order.indexOf("It is."), order);
  assert.ok(order.indexOf("It is.") < order.indexOf("was ended"), order);
});

test("widget: a signed token of the page proves the visitor; one that is over or forged does not", { timeout: 120_000 }, async (t) => {
  const secret = "a secret of the shop's server";
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const jwt = (claims, key = secret) => {
    const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
    return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
  };
  const soon = Math.floor(Date.now() / 1000) + 600;
  const { page, shop } = await chat(t, { credentials: { identity_secret: secret } });
  const listen = (tab) => tab.evaluate(() => {
    window.told = [];
    window.turumba = window.turumba || [];
    for (const event of ["identified", "error"]) window.turumba.push(["on", event, (detail) => window.told.push([event, detail])]);
  });
  await listen(page);
  await page.evaluate((token) => window.turumba.push(["identify", { jwt: token }]), jwt({ sub: "user-21", exp: soon, name: "Meron Alemu", email: "meron@example.com" }));
  const frame = await openChat(page);
  await until(() => page.evaluate(() => window.told.some(([event, detail]) => event === "identified" && detail.verified)));
  const hello = `It is me ${Date.now()}`;
  await write(frame, hello);
  await until(async () => (await frame.locator(".unsent").count()) === 0);
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  const { contact } = await agent.find(hello);
  assert.deepEqual([contact.name, contact.email], ["Meron Alemu", "meron@example.com"]);

  // the same person on another device is the same contact
  const elsewhere = await open(t, await visitor(t), shop.url);
  await listen(elsewhere);
  await elsewhere.evaluate((token) => window.turumba.push(["identify", { jwt: token }]), jwt({ sub: "user-21", exp: soon }));
  const theirs = await openChat(elsewhere);
  await until(() => elsewhere.evaluate(() => window.told.some(([event, detail]) => event === "identified" && detail.verified)));
  await write(theirs, `From my phone ${hello}`);
  assert.equal((await agent.find(`From my phone ${hello}`)).contact.id, contact.id);
  for (const forged of [jwt({ sub: "user-21", exp: soon }, "another key"), jwt({ sub: "user-21", exp: soon - 3_600 })]) {
    const stranger = await open(t, await visitor(t), shop.url, { expected: /401|403|Failed to load resource/ });
    await listen(stranger);
    await stranger.evaluate((token) => window.turumba.push(["identify", { jwt: token }]), forged);
    const strange = await openChat(stranger);
    await until(() => stranger.evaluate(() => window.told.some(([event, detail]) => event === "error" && detail.code === "identity_refused")));
    assert.deepEqual(await shown(strange), []);
  }
});

test("widget: a chat may hide while nobody is there, and comes when it is asked for", { timeout: 90_000 }, async (t) => {
  const { page, channel } = await chat(t, { settings: { widget_config: { hide_when_offline: true } } });
  await nobodyIsThere(channel.key);
  await page.reload();
  await launcher(page);
  await clickLauncher(page);
  await page.waitForTimeout(500);
  assert.equal(page.frames().length, 1, "there is nothing to press");
  await page.evaluate(() => window.turumba.show());
  await clickLauncher(page);
  const frame = await frameOf(page);
  await frame.getByText("We are away").waitFor();
});

test("widget: whoever wants little motion gets none", { timeout: 90_000 }, async (t) => {
  const { page } = await chat(t, { context: { reducedMotion: "reduce" } });
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  const frame = await openChat(page);
  const hello = `Slowly ${Date.now()}`;
  await write(frame, hello);
  const { id } = await agent.find(hello);
  await agent.take(id);
  await agent.ask("conversation:typing:start", { conversation_id: id });
  await frame.locator(".typing i").first().waitFor();
  const moving = () => document.getAnimations({ subtree: true }).filter((one) => one.playState === "running").length;
  assert.equal(await frame.evaluate(moving), 0);
  assert.equal(await page.evaluate(moving), 0);
  // and with motion there is some, so that the look above can fail
  const lively = await chat(t);
  const other = await openChat(lively.page);
  await write(other, `Quick ${hello}`);
  const second = await agent.find(`Quick ${hello}`);
  await agent.take(second.id);
  await agent.ask("conversation:typing:start", { conversation_id: second.id });
  await other.locator(".typing i").first().waitFor();
  assert.ok(await other.evaluate(moving));
});

test("widget: without a mouse, from the launcher and back to it", { timeout: 90_000 }, async (t) => {
  const { page } = await chat(t, { page: { body: "<h1>Shop</h1><p>Things <a href=\"#a\">to buy</a>.</p>" } });
  await launcher(page);
  const hasLauncher = () => page.evaluate(() => document.activeElement?.localName === "turumba-chat");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.ok(await hasLauncher(), "the launcher comes after what the page has");
  await page.keyboard.press("Enter");
  const frame = await frameOf(page);
  await frame.locator("header .there, header .away").waitFor();
  await until(() => frame.evaluate(() => document.activeElement.localName === "textarea"), "one can write at once");
  await page.keyboard.type("By keys alone");
  await page.keyboard.press("Enter");
  await until(async () => (await shown(frame)).includes("me: By keys alone"));
  // there is something to end once the hub has it
  await frame.getByRole("button", { name: "End chat" }).waitFor();
  // every control is reached, and has a name
  const reached = new Set();
  for (let step = 0; step < 6; step += 1) {
    await page.keyboard.press("Shift+Tab");
    const name = await frame.evaluate(() => {
      const { activeElement: one } = document;
      return one === document.body ? null : `${one.localName}: ${one.ariaLabel ?? one.textContent ?? one.getAttribute("title") ?? ""}`;
    });
    if (name) reached.add(name);
  }
  const names = [...reached].join(" | ");
  assert.match(names, /button: .*Close/i, names);
  assert.match(names, /button: End chat/i, names);
  // what comes is read out
  assert.ok(await frame.locator("[aria-live=polite], [role=log]").count(), "a live region");
  await frame.locator("textarea").focus();
  await page.keyboard.press("Escape");
  await until(() => page.evaluate(() => !window.turumba.isOpen));
  await until(hasLauncher, "the focus is back where it came from");
  assert.deepEqual(await axe(page), []);
});

test("widget: a chat that is switched off says so to the visitor and to the page, and keeps what was written", { timeout: 90_000 }, async (t) => {
  const { page, channel, shop } = await chat(t, { expected: /status of 4\d\d|WebSocket|Failed to load/ });
  const call = await asOwner();
  await launcher(page);
  const frame = await openChat(page);
  await write(frame, "While it was on");
  await until(async () => (await frame.locator(".unsent").count()) === 0 && (await shown(frame)).includes("me: While it was on"));
  // somebody else has the launcher, and nothing of the chat yet
  const stranger = await open(t, await visitor(t), shop.url, { expected: /status of 4\d\d|WebSocket|Failed to load/ });
  await launcher(stranger);
  await stranger.evaluate(() => {
    window.told = [];
    window.turumba.on("error", ({ code }) => window.told.push(code));
  });
  await call("PATCH", `/v1/channels/${channel.id}`, { is_enabled: false });

  await write(frame, "Is anybody there?");
  await frame.getByText("this web chat is switched off").waitFor();
  await clickLauncher(stranger);
  const theirs = await frameOf(stranger);
  await theirs.getByText("This chat is not available.").first().waitFor();
  await until(() => stranger.evaluate(() => window.told.includes("unavailable")));
  const late = await open(t, await visitor(t), shop.url, { expected: /status of 4\d\d|cannot be shown|Failed to load/ });
  await late.waitForTimeout(1_000);
  assert.equal(await late.locator("turumba-chat").count(), 0, "a page that is opened now shows no chat");

  await call("PATCH", `/v1/channels/${channel.id}`, { is_enabled: true });
  await frame.getByRole("button", { name: "Try again" }).click();
  await until(async () => (await frame.locator(".unsent").count()) === 0 && (await shown(frame)).includes("me: Is anybody there?"), "what was kept is sent");
});
