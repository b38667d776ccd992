// What the widget bears: networks that fail, reloads, several tabs, hostile pages, wrong claims.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

import { Agent } from "../harness/api.js";
import { proxy } from "../harness/proxy.js";
import { carrying, site } from "../harness/site.js";
import { test } from "../harness/test.js";
import { chat, clickLauncher, frameOf, openChat, shown, write } from "../harness/widget.js";
import { axe, open, shot, until, visitor, webchat, world } from "../harness/world.js";

const NETWORK = /ERR_|Failed to load resource|WebSocket/;

test("widget: a network that falls silent is noticed within five seconds, and nothing is lost or doubled", { timeout: 120_000 }, async (t) => {
  const wire = await proxy(world.hub.port);
  t.after(() => wire.close());
  const { key } = await webchat({ team_name: "Abol" });
  const shop = await site({ "/": carrying(wire.url, key) });
  t.after(() => shop.close());
  const page = await open(t, await visitor(t), shop.url, { expected: NETWORK });
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  const frame = await openChat(page);
  const first = `Before the break ${Date.now()}`;
  await write(frame, first);
  const { id } = await agent.find(first);
  await agent.take(id);

  wire.silence();
  const began = Date.now();
  await write(frame, "Into the silence");
  await write(frame, "And once more");
  await until(async () => (await frame.locator(".unsent.sending").count()) === 2);
  await frame.locator(".notice.warn").waitFor({ timeout: 10_000 });
  // the notice itself waits a moment and a half before it troubles anybody
  assert.ok(Date.now() - began < 5_000 + 1_500 + 500, `noticed after ${Date.now() - began} ms`);
  await shot(page, "widget-offline-light");
  await agent.say(id, "Said meanwhile");
  wire.heal();
  await until(async () => (await frame.locator(".unsent").count()) === 0, "everything is sent", 40_000);
  await until(async () => (await shown(frame)).includes("they: Said meanwhile"));
  await until(async () => (await frame.locator(".notice.warn").isVisible()) === false);
  const texts = (await agent.ask("conversation:join", { conversation_id: id })).entries.filter((one) => one.sender_type === "contact").map((one) => one.content);
  assert.deepEqual(texts, [first, "Into the silence", "And once more"]);
  const mine = (await shown(frame)).filter((text) => text.startsWith("me:"));
  assert.deepEqual(mine, [first, "Into the silence", "And once more"].map((text) => `me: ${text}`));
});

test("widget: a cut network heals, and unsent texts survive a reload", { timeout: 120_000 }, async (t) => {
  const wire = await proxy(world.hub.port);
  t.after(() => wire.close());
  const { key } = await webchat();
  const shop = await site({ "/": carrying(wire.url, key) });
  t.after(() => shop.close());
  const page = await open(t, await visitor(t), shop.url, { expected: NETWORK });
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  const frame = await openChat(page);
  const first = `Hello again ${Date.now()}`;
  await write(frame, first);
  await agent.find(first);
  await until(async () => (await frame.locator(".unsent").count()) === 0);

  // the browser says that it is offline, and the wires are cut
  await page.context().setOffline(true);
  wire.cut();
  await write(frame, "Written offline");
  await frame.locator("textarea").fill("A draft");
  await frame.locator(".unsent.sending").waitFor();
  await page.context().setOffline(false);
  await until(async () => (await frame.locator(".unsent").count()) === 0, "it is sent", 40_000);

  // the hub cannot be reached at all while the page is loaded anew
  wire.silence();
  await write(frame, "Before the reload");
  await frame.locator("textarea").fill("A draft");
  await frame.locator(".unsent.sending").waitFor();
  wire.heal();
  wire.cut();
  await page.reload();
  const again = await frameOf(page);
  await until(async () => (await shown(again)).includes("me: Before the reload") && (await again.locator(".unsent").count()) === 0, "it is sent after the reload", 40_000);
  assert.equal(await again.locator("textarea").inputValue(), "A draft");
  const { entries } = await agent.find(first);
  assert.deepEqual(entries.filter((one) => one.sender_type === "contact").map((one) => one.content), [first, "Written offline", "Before the reload"]);
});

test("widget: two tabs are in step", { timeout: 90_000 }, async (t) => {
  const { page, context, shop } = await chat(t);
  const other = await open(t, context, `${shop.url}/other`);
  const one = await openChat(page);
  const two = await openChat(other);
  await write(one, "Written in the first tab");
  await until(async () => (await shown(two)).includes("me: Written in the first tab"));
  await write(two, "Answered in the second");
  await until(async () => (await shown(one)).includes("me: Answered in the second"));
  const visitors = await Promise.all([page, other].map((tab) => tab.evaluate(() => Object.entries(localStorage).find(([key]) => key.endsWith(".visitor"))?.[1])));
  assert.ok(visitors[0]);
  assert.equal(visitors[0], visitors[1]);
});

test("widget: a right signature proves the visitor, a wrong one proves and opens nothing", { timeout: 120_000 }, async (t) => {
  const secret = "a secret of the shop's server";
  const { page, shop } = await chat(t, { credentials: { identity_secret: secret } });
  const sign = (id) => createHmac("sha256", secret).update(id).digest("hex");
  const told = (tab) => tab.evaluate(() => {
    window.told = [];
    window.turumba = window.turumba || [];
    for (const event of ["identified", "error"]) window.turumba.push(["on", event, (detail) => window.told.push([event, detail])]);
  });
  await told(page);
  await page.evaluate((identity) => window.turumba.push(["identify", identity]), { id: "user-7", hash: sign("user-7"), name: "Sara Girma" });
  const frame = await openChat(page);
  await until(() => page.evaluate(() => window.told.some(([event, detail]) => event === "identified" && detail.verified)));
  const secretText = `My order is 7 ${Date.now()}`;
  await write(frame, secretText);
  await until(async () => (await frame.locator(".unsent").count()) === 0);
  const before = await page.evaluate(() => Object.entries(localStorage).find(([key]) => key.endsWith(".visitor"))[1]);

  // another person signs in at the same browser: a visitor of their own, and nothing of the first
  await page.evaluate((identity) => window.turumba.identify(identity), { id: "user-8", hash: sign("user-8") });
  await until(async () => (await shown(frame)).length === 0);
  await until(async () => await page.evaluate((old) => {
    const now = Object.entries(localStorage).find(([key]) => key.endsWith(".visitor"))?.[1];
    return now && now !== old;
  }, before));

  // elsewhere, with a wrong hash
  const stranger = await open(t, await visitor(t), shop.url, { expected: /401|403|Failed to load resource/ });
  await told(stranger);
  await stranger.evaluate(() => window.turumba.push(["identify", { id: "user-7", hash: "00".repeat(32), name: "Sara Girma" }]));
  const theirs = await openChat(stranger);
  await until(() => stranger.evaluate(() => window.told.some(([event, detail]) => event === "error" && detail.code === "identity_refused")));
  assert.deepEqual(await shown(theirs), []);
});

test("widget: a page that styles everything cannot hide or break it", { timeout: 60_000 }, async (t) => {
  const { page } = await chat(t, { page: {
    head: `<style>
      * { display: none !important; }
      html, body, h1, p { display: block !important; }
      html * { transform: scale(.5) !important; color: red !important; font-size: 40px !important; z-index: 1 !important; }
      body { transform: translateX(200px); filter: blur(1px); position: relative; z-index: 999999999; }
      turumba-chat { visibility: hidden !important; opacity: 0 !important; position: static !important; }
      iframe, button, div { border: 9px solid lime !important; }
    </style>`,
  } });
  await shot(page, "widget-hostile-launcher");
  const frame = await openChat(page);
  await write(frame, "Still here");
  await until(async () => (await shown(frame)).includes("me: Still here"));
  await shot(page, "widget-hostile");
  const box = await page.locator("turumba-chat").evaluate((host) => {
    const style = getComputedStyle(host);
    return { display: style.display, position: style.position, visibility: style.visibility, opacity: style.opacity, transform: style.transform };
  });
  assert.deepEqual(box, { display: "flex", position: "fixed", visibility: "visible", opacity: "1", transform: "none" });
});

test("widget: a strict policy of the page is enough, and the token is in no address", { timeout: 60_000 }, async (t) => {
  const { key } = await webchat();
  const hub = world.hub.url;
  const shop = await site({ "/": carrying(hub, key) }, {
    "content-security-policy": `default-src 'none'; script-src ${hub}; connect-src ${hub}; frame-src ${hub}; require-trusted-types-for 'script'`,
  });
  t.after(() => shop.close());
  const page = await open(t, await visitor(t), shop.url, { expected: /favicon/ });
  const addresses = [];
  page.on("request", (request) => addresses.push(request.url()));
  page.on("websocket", (socket) => addresses.push(socket.url()));
  const frame = await openChat(page);
  await write(frame, "Under a strict policy");
  await until(async () => (await frame.locator(".unsent").count()) === 0 && (await shown(frame)).length > 0);
  const kept = await page.evaluate(() => Object.entries(localStorage).find(([name]) => name.endsWith(".visitor"))[1]);
  const [, secret] = kept.split(" ");
  assert.ok(secret.length > 30);
  assert.ok(!addresses.some((address) => address.includes(secret) || address.includes("token")), addresses.join("\n"));
  assert.equal((await page.context().cookies()).length, 0, "no cookie is set");
});

test("widget: a frame is of the chat in its address, whatever the page around it says", { timeout: 60_000 }, async (t) => {
  const { key: closed } = await webchat({ allowed_origins: ["https://shop.example"] });
  const { key: free } = await webchat();
  const shop = await site({ "/": `<iframe src="${world.hub.url}/widget/?key=${free}"></iframe>` });
  t.after(() => shop.close());
  const page = await open(t, await visitor(t), shop.url);
  const asked = page.waitForRequest((request) => request.url().includes("/v1/public/chat/"));
  await page.evaluate(({ key, hub }) => {
    const { port2 } = new MessageChannel();
    const init = { settings: { key }, kept: {}, page: { url: "", title: "", referrer: "" }, isOpen: true };
    document.querySelector("iframe").contentWindow.postMessage({ turumba: init }, hub, [port2]);
  }, { key: closed, hub: world.hub.url });
  assert.ok((await asked).url().includes(free));
});

test("widget: a form before the chat", { timeout: 90_000 }, async (t) => {
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  const { page } = await chat(t, { settings: { pre_chat_form: { enabled: true, fields: [
    { name: "name", label: "Your name", required: true },
    { name: "email", label: "E-mail", required: true },
    { name: "order_number", label: "Order number" },
  ] } } });
  const frame = await openChat(page);
  await frame.getByText("Before we start").waitFor();
  await shot(page, "widget-form-light");
  assert.deepEqual(await axe(frame), []);
  await frame.getByLabel("Your name").fill("Sara Girma");
  await frame.getByLabel("E-mail").fill("not an address");
  await frame.getByRole("button", { name: "Start chat" }).click();
  await frame.getByText("Please check the address").waitFor();
  assert.equal(await frame.getByLabel("Your name").inputValue(), "Sara Girma", "what was typed stays");
  await shot(page, "widget-form-refused-light");
  await frame.getByLabel("E-mail").fill("sara@example.com");
  await frame.getByLabel("Order number").fill("A-17");
  await frame.getByRole("button", { name: "Start chat" }).click();
  const hello = `Where is it? ${Date.now()}`;
  await write(frame, hello);
  const { contact } = await agent.find(hello);
  assert.equal(contact.name, "Sara Girma");
  // it is asked once
  await page.reload();
  const again = await frameOf(page);
  await until(async () => (await shown(again)).length > 0);
  assert.equal(await again.locator(".form").count(), 0);
});

test("widget: pictures are shrunk, files arrive, and an upload goes on where it was cut", { timeout: 120_000 }, async (t) => {
  const wire = await proxy(world.hub.port);
  t.after(() => wire.close());
  const { key } = await webchat();
  const shop = await site({ "/": carrying(wire.url, key) });
  t.after(() => shop.close());
  const page = await open(t, await visitor(t), shop.url, { expected: NETWORK });
  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  const frame = await openChat(page);
  const hello = `Look at this ${Date.now()}`;
  await write(frame, hello);
  await agent.find(hello);

  // a photo of noise is large in any format
  const photo = Buffer.from(await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2400, 900];
    const pen = canvas.getContext("2d");
    const noise = pen.createImageData(2400, 900);
    for (let at = 0; at < noise.data.length; at++) noise.data[at] = at % 4 === 3 ? 255 : Math.random() * 256;
    pen.putImageData(noise, 0, 0);
    return canvas.toDataURL("image/jpeg", 0.95).split(",")[1];
  }), "base64");
  const ranges = [];
  page.on("request", (request) => {
    if (request.method() === "PUT") ranges.push(request.headers()["content-range"]);
  });
  // in the middle of it the wires are cut
  const cut = wire.cutAfter(400_000);
  await frame.locator("input[type=file]").setInputFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer: photo });
  await frame.locator(".attached li").waitFor();
  await cut;
  await shot(page, "widget-uploading-light");
  wire.heal();
  await frame.locator(".attached progress").waitFor({ state: "detached", timeout: 60_000 });
  await shot(page, "widget-attached-light");
  await write(frame, "The bag is torn");
  const message = await agent.hear("conversation:message", ({ content }) => content === "The bag is torn");
  const [file] = message.attachments;
  assert.equal(file.type, "image");
  assert.ok(file.file_size < photo.length, `${file.file_size} of ${photo.length}`);
  assert.ok(ranges.some((range) => range.startsWith("bytes */")), `it asked how far it was: ${ranges.join(", ")}`);
  await frame.locator(".picture img").waitFor();
  await until(() => frame.locator(".picture img").evaluate((image) => image.naturalWidth > 0));

  await frame.locator("input[type=file]").setInputFiles({ name: "invoice.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 a small one") });
  await frame.locator(".attached progress").waitFor({ state: "detached" });
  await frame.getByRole("button", { name: "Send" }).click();
  await frame.getByText("invoice.pdf").waitFor();
  await frame.locator("input[type=file]").setInputFiles({ name: "film.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(11 << 20) });
  await frame.getByText("film.bin is too large: at most 10 MB").waitFor();
  await shot(page, "widget-files-light");
});

test("widget: on a phone it fills the screen, in both themes and both languages", { timeout: 90_000 }, async (t) => {
  const { page } = await chat(t, { settings: { welcome_message: "Selam!" }, page: { lang: "am" }, context: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } });
  await clickLauncher(page);
  const frame = await frameOf(page);
  await frame.locator("textarea").waitFor();
  await frame.getByPlaceholder("መልእክት ይጻፉ…").waitFor();
  const box = await page.evaluate(() => ({ width: innerWidth, height: innerHeight }));
  assert.deepEqual(await frame.evaluate(() => ({ width: innerWidth, height: innerHeight })), box);
  await write(frame, "ሰላም፣ ቡናው አለ?");
  await until(async () => (await shown(frame)).length > 0);
  await shot(page, "widget-phone-light");
  await page.evaluate(() => window.turumba.setTheme("dark"));
  await shot(page, "widget-phone-dark");
  assert.deepEqual(await axe(frame), []);
  await frame.getByRole("button", { name: "ውይይት ዝጋ" }).click();
  await until(() => page.evaluate(() => !window.turumba.isOpen));
});

test("widget: right to left, with texts of the page's own", { timeout: 60_000 }, async (t) => {
  const { page } = await chat(t, { page: { lang: "ar", head: `<script>window.turumbaSettings = { position: "bottom-left", theme: "dark", texts: { placeholder: "اكتب رسالة…", online: "متصل الآن", offline: "غير متصل", send: "إرسال", today: "اليوم" } }</script>` } });
  await clickLauncher(page, { side: "left" });
  const frame = await frameOf(page);
  await frame.getByPlaceholder("اكتب رسالة…").waitFor();
  assert.equal(await frame.evaluate(() => document.documentElement.dir), "rtl");
  await write(frame, "مرحبا، هل القهوة متوفرة؟");
  await until(async () => (await shown(frame)).length > 0);
  const { bubble, log } = await frame.evaluate(() => ({ bubble: document.querySelector(".own .bubble").getBoundingClientRect().left, log: innerWidth / 2 }));
  assert.ok(bubble < log, "the visitor's own words stand at the end of the line");
  await shot(page, "widget-rtl-dark");
});
