// Answers to one message, answers for later, answers that did not arrive, and files that do.
import assert from "node:assert/strict";

import { customer } from "../harness/customer.js";
import { inbox } from "../harness/inbox.js";
import { proxy } from "../harness/proxy.js";
import { sms } from "../harness/sandbox.js";
import { test } from "../harness/test.js";
import { asOwner, shot, until, world } from "../harness/world.js";

const thread = (page) => page.locator("[data-timeline]");
const bubble = (page, text) => thread(page).locator("[data-message]", { hasText: text });
const box = (page) => page.getByRole("combobox", { name: /Reply to the customer|Private note/ });
const state = (page) => page.locator("header [data-standing]");

async function opens(page, id, base = world.hub.url) {
  await page.goto(`${base}/inbox/all/${id}`);
  await thread(page).locator("[data-message]").first().waitFor();
}

async function takes(page) {
  await page.keyboard.press("a");
  await until(async () => (await state(page).getAttribute("data-standing")) === "assigned");
}

test("inbox: one message is answered, with what it says above the answer", { timeout: 120_000 }, async (t) => {
  const almaz = await customer(t);
  const id = await almaz.say("Do you have the Guji?");
  await almaz.say("And are you open on Sunday?");
  const page = await inbox(t, "/", { as: "hanna" });
  await opens(page, id);
  await takes(page);
  const question = bubble(page, "Do you have the Guji?").first();
  await question.hover();
  await question.getByRole("button", { name: "Answer this message" }).click();
  const chosen = page.locator("[data-mode] [data-quote]");
  await chosen.getByText("Do you have the Guji?").waitFor();
  // it belongs to what is begun, as the text does
  await box(page).fill("Eleven bags");
  await page.reload();
  await chosen.waitFor();
  assert.equal(await box(page).inputValue(), "Eleven bags");
  await shot(page, "inbox-quote-light");
  await box(page).press("Enter");
  const answer = await almaz.hears("Eleven bags");
  assert.equal(answer.reply_to, almaz.heard.find((message) => message.content === "Do you have the Guji?").id);
  await bubble(page, "Eleven bags").locator("[data-quote]", { hasText: "Do you have the Guji?" }).waitFor();
  assert.equal(await chosen.count(), 0, "the next answer is free again");

  // a choice can be dropped
  await bubble(page, "open on Sunday").first().hover();
  await bubble(page, "open on Sunday").first().getByRole("button", { name: "Answer this message" }).click();
  await chosen.getByRole("button", { name: "Do not quote" }).click();
  await chosen.waitFor({ state: "detached" });
});

test("inbox: an answer can wait for its moment", { timeout: 120_000 }, async (t) => {
  const bekele = await sms();
  const id = await bekele.say("Remind me tomorrow");
  const page = await inbox(t, "/", { as: "hanna" });
  await opens(page, id);
  await takes(page);
  await box(page).fill("This is your reminder");
  await page.getByRole("button", { name: "Send later" }).click();
  await shot(page, "inbox-later-light");
  await page.getByRole("menuitem", { name: "Choose date and time" }).click();
  const when = page.getByLabel("Date and time");
  await when.fill("2020-01-01T09:00");
  await page.getByText("This moment has passed").waitFor();
  assert.ok(await page.getByRole("button", { name: "Send then" }).isDisabled());
  await page.getByRole("button", { name: "Close", exact: true }).click();
  assert.equal(await box(page).inputValue(), "This is your reminder", "closing loses nothing");
  await page.getByRole("button", { name: "Send later" }).click();
  await page.getByRole("menuitem", { name: /Tomorrow morning/ }).click();
  const waits = bubble(page, "This is your reminder");
  await waits.getByText(/Goes out on/).waitFor();
  assert.equal((await bekele.messages()).filter(({ text }) => text === "This is your reminder").length, 0);
  assert.equal(await box(page).inputValue(), "");

  // until then it can be taken back, and what it said is not lost
  await shot(page, "inbox-scheduled-light");
  await waits.getByRole("button", { name: "Do not send" }).click();
  await waits.getByText("Taken back before it was sent").waitFor();
  await shot(page, "inbox-taken-back-light");
  await waits.getByRole("button", { name: "Write it again" }).click();
  assert.equal(await box(page).inputValue(), "This is your reminder");
  const call = await asOwner();
  const [stored] = await call("GET", `/v1/messages?filter=conversation_id:eq:${id}&filter=status:eq:cancelled`);
  assert.equal(stored.message_body, "This is your reminder");
  await assert.rejects(call("POST", `/v1/messages/${stored.id}/cancel`), /409/, "once is enough");
});

test("inbox: what waits for its time is the customer's only then, and stands where it was said", { timeout: 120_000 }, async (t) => {
  const almaz = await customer(t, { name: "Later" });
  const id = await almaz.say("hello");
  const page = await inbox(t, "/", { as: "hanna" });
  await opens(page, id);
  await takes(page);
  const call = await asOwner();
  const say = (content, more) => call("POST", `/v1/conversations/${id}/messages`, { content, ...more });
  await say("In a moment", { send_at: new Date(Date.now() + 4_000).toISOString() });
  await bubble(page, "In a moment").getByText(/Goes out on/).waitFor();
  await say("At once");
  await almaz.hears("At once");
  const shown = async () => (await almaz.ask("conversation:history", {})).entries.map(({ content }) => content);
  assert.ok(!(await shown()).includes("In a moment"), "not heard, and not to be read either");
  assert.ok(!almaz.heard.some(({ content }) => content === "In a moment"));
  const said = await almaz.hears("In a moment");
  assert.ok(Date.parse(said.created_at) - Date.now() < 1_000 && said.status === "sent");
  // for everybody it stands behind what was said before it, also after a reload
  const order = async () => (await thread(page).locator("[data-message]").allInnerTexts()).filter((text) => /At once|In a moment/.test(text)).map((text) => /At once/.test(text));
  await until(async () => JSON.stringify(await order()) === "[true,false]", "it moves to the end");
  assert.deepEqual((await shown()).slice(-2), ["At once", "In a moment"]);
  await page.reload();
  await until(async () => JSON.stringify(await order()) === "[true,false]", "it stays there");
});

test("inbox: what failed says why and can be tried again; what may have been sent says so", { timeout: 180_000 }, async (t) => {
  const bekele = await sms();
  const id = await bekele.say("hello");
  const page = await inbox(t, "/", { as: "hanna" });
  await opens(page, id);
  await takes(page);

  await bekele.behave({ fail_status: 1, fail_status_code: 403, receipts: [] });
  await box(page).fill("Refused at first");
  await box(page).press("Enter");
  const failed = bubble(page, "Refused at first").locator("[data-failure]");
  await failed.getByText("Refused by the provider").waitFor({ timeout: 30_000 });
  await shot(page, "inbox-failed-light");
  // who manages channels reads what the provider said; an agent is not offered it
  await bubble(page, "Refused at first").hover();
  assert.equal(await page.getByRole("button", { name: "What the provider said" }).count(), 0);
  const manager = await inbox(t, "/");
  await opens(manager, id);
  await bubble(manager, "Refused at first").hover();
  await bubble(manager, "Refused at first").getByRole("button", { name: "What the provider said" }).click();
  const log = manager.getByRole("dialog", { name: "What the provider said" });
  await log.locator("[data-attempt='1']").getByText("Refused", { exact: true }).waitFor();
  await log.getByText(/^403: /).waitFor();
  await shot(manager, "inbox-provider-light");
  await manager.close();
  await bekele.behave({});
  await failed.getByRole("button", { name: "Try again" }).click();
  await failed.waitFor({ state: "detached", timeout: 30_000 });
  await bubble(page, "Refused at first").getByRole("img", { name: "Delivered" }).waitFor({ timeout: 30_000 });
  assert.equal((await bekele.messages()).filter(({ text }) => text === "Refused at first").length, 1);

  // the connection is cut after the request, and nobody can be asked
  await bekele.behave({ cut_after_write: 1, keep_cut: 0, answers_look_up: false, receipts: [] });
  await box(page).fill("Into the dark");
  await box(page).press("Enter");
  const unknown = bubble(page, "Into the dark").locator("[data-failure=unknown]");
  await unknown.getByText("May have been sent").waitFor({ timeout: 60_000 });
  await bekele.behave({});
  await unknown.getByRole("button", { name: "Send again" }).click();
  await unknown.waitFor({ state: "detached", timeout: 30_000 });
  await until(async () => (await bekele.messages()).some(({ text }) => text === "Into the dark"), "it is sent once more");
});

test("inbox: a file goes on where the network was cut", { timeout: 180_000 }, async (t) => {
  const wires = await proxy(world.hub.port);
  t.after(() => wires.close());
  const almaz = await customer(t, { name: "Far off" });
  const id = await almaz.say("hello");
  const page = await inbox(t, "/", { as: "hanna", base: wires.url, expected: /WebSocket|Failed to load|net::/ });
  await opens(page, id, wires.url);
  await takes(page);
  const ranges = [];
  page.on("request", (request) => request.method() === "PUT" && ranges.push(request.headers()["content-range"]));
  const cut = wires.cutAfter(900_000);
  await page.locator("input[type=file]").setInputFiles({ name: "plan.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(2_000_000, "%PDF ") });
  await cut;
  wires.heal();
  await page.locator("[data-upload=done]").waitFor({ timeout: 60_000 });
  await box(page).fill("The plan");
  await box(page).press("Enter");
  const got = await almaz.hears("The plan");
  assert.equal(got.attachments[0].file_size, 2_000_000);
  assert.ok(ranges.includes("bytes */2000000"), `it asked how far it was: ${ranges.join(", ")}`);
  assert.ok(ranges.some((range) => /^bytes [1-9]/.test(range)), "and went on there");
});

test("inbox: when the time for free replies is over, only notes can be written", { timeout: 120_000 }, async (t) => {
  const almaz = await customer(t, { name: "Long ago" });
  const id = await almaz.say("hello");
  // no provider of this build has a window: the hub's answer is given one
  const page = await inbox(t, "/", { as: "hanna" });
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const hub = socket.connectToServer();
    hub.onMessage((text) => socket.send(typeof text === "string" ? text.replace('"ends_at":null', '"ends_at":"2026-01-02T10:00:00Z"') : text));
  });
  await opens(page, id);
  await page.getByText(/The time for free replies ended on/).waitFor();
  await shot(page, "inbox-window-over-light");
  assert.equal(await page.getByRole("combobox", { name: "Reply to the customer" }).count(), 0);
  assert.ok(await page.getByRole("button", { name: "Send", exact: true }).isDisabled());
  await page.getByRole("button", { name: "Note", exact: true }).click();
  await box(page).fill("must write first");
  await box(page).press("Enter");
  await thread(page).locator("[data-kind=note]", { hasText: "must write first" }).waitFor();
});
