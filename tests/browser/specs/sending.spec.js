// Templates, group messages and schedules: written, refused with a reason, sent, followed, stopped.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { inbox } from "../harness/inbox.js";
import { test } from "../harness/test.js";
import { asOwner, until } from "../harness/world.js";

const REFUSED = /the server responded with a status of 4\d\d/;
const sending = (t, path, more) => inbox(t, `/${path}`, { expected: REFUSED, ...more });
const errorOf = (page, text) => page.getByRole("alert").filter({ hasText: text });
const row = (page, name) => page.getByRole("row").filter({ hasText: name });

let made = 0;
const phone = () => `+25192${String(1_000_000 + 7 * ++made)}`;

/** A sandbox channel and a group of its own, so that nothing is in another's way. */
async function audience(count, behaviour) {
  const call = await asOwner();
  const stamp = `${Date.now()}-${++made}`;
  const channel = await call("POST", "/v1/channels", { name: `Bulk SMS ${stamp}`, channel_type: "sms", provider: "sandbox" });
  await call("PUT", `/v1/channels/${channel.id}/sandbox/behaviour`, { behaviour: { receipt_delay_ms: 50, receipts: ["delivered"], ...behaviour } });
  const create = Array.from({ length: count }, (_, n) => ({ name: `Guest ${n} ${stamp}`, phone: phone(), tags: [stamp] }));
  await call("POST", "/v1/contacts/bulk", { create });
  const contacts = await call("GET", `/v1/contacts?filter=tags:contains:${stamp}&limit=1000`);
  const group = await call("POST", "/v1/groups", { name: `Guests ${stamp}` });
  await call("POST", `/v1/groups/${group.id}/contacts`, { contact_ids: contacts.map(({ id }) => id) });
  return { call, channel, group, stamp, contacts };
}

test("sending: templates: show what they become, and the place of a mistake; saved, duplicated, tried on a group", async (t) => {
  const { call, group, stamp } = await audience(3);
  const page = await sending(t, "templates");
  await page.getByRole("link", { name: "New template" }).first().click();
  await page.getByRole("button", { name: "Save" }).click();
  assert.equal(await errorOf(page, "This must be filled in").count(), 2);
  await page.getByLabel("Name").fill(`Shipped ${stamp}`);
  const text = page.getByLabel("Text", { exact: true });
  await text.fill("Dear ");
  await page.getByRole("button", { name: "Insert variable" }).click();
  await page.getByRole("menuitem", { name: /Contact's name/ }).click();
  await text.press("End");
  await text.pressSequentially(", {PARCEL} is on its way");
  await page.locator("[data-preview]").filter({ hasText: "Dear Sarah Johnson, {PARCEL} is on its way" }).waitFor();
  await page.getByText("Without a value: PARCEL").waitFor();
  await page.getByRole("radio", { name: "Put in a default" }).click();
  await page.getByLabel("Default for PARCEL").fill("your parcel");
  await page.locator("[data-preview]").filter({ hasText: "your parcel is on its way" }).waitFor();
  // for a contact that is chosen
  await page.getByRole("button", { name: "For a contact" }).click();
  await page.getByPlaceholder("Name, phone or e-mail").fill(`Guest 0 ${stamp}`);
  await page.getByRole("option", { name: `Guest 0 ${stamp}` }).click();
  await page.locator("[data-preview]").filter({ hasText: `Dear Guest 0 ${stamp}` }).waitFor();

  // a mistake is shown as it is typed, with its place
  await text.fill("Dear {{ contact.name | shout }}");
  await page.getByText("there is no filter").first().waitFor();
  await page.getByRole("button", { name: "Show the place" }).click();
  assert.equal(await text.evaluate((box) => box.value.slice(box.selectionStart, box.selectionEnd)), "shout");
  await page.getByRole("button", { name: "Save" }).click();
  await text.and(page.locator("[aria-invalid=true]")).waitFor();
  await text.fill("Dear {{ contact.name }}, {PARCEL} is on its way");
  await page.getByLabel("Language").fill("english please");
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "A language is a code").waitFor();
  await page.getByLabel("Language").fill("en");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: `Shipped ${stamp}`, exact: true }).click();
  await page.getByLabel("Group or segment").click();
  await page.getByRole("option", { name: new RegExp(group.name) }).click();
  await page.getByText("3 of 3 would get it").waitFor();
  const [stored] = await call("GET", `/v1/templates?filter=name:eq:${encodeURIComponent(`Shipped ${stamp}`)}`);
  assert.deepEqual([stored.default_values.PARCEL, stored.fallback_strategy], ["your parcel", "use_default"]);

  await page.getByRole("link", { name: "Templates" }).first().click();
  await page.getByRole("button", { name: `Actions for Shipped ${stamp}` }).click();
  await page.getByRole("menuitem", { name: "Duplicate" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await row(page, `Shipped ${stamp} (copy)`).waitFor();
  await page.getByRole("button", { name: `Actions for Shipped ${stamp} (copy)` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await row(page, `Shipped ${stamp} (copy)`).waitFor({ state: "detached" });
});

test("sending: group messages: the wizard refuses what is missing, estimates, tests, sends; every recipient is told of", { timeout: 120_000 }, async (t) => {
  const { call, channel, group, stamp } = await audience(4);
  const page = await sending(t, "group-messages/new");
  await page.getByRole("button", { name: "Next" }).click();
  await errorOf(page, "Choose at least one group or segment").waitFor();
  await page.getByRole("checkbox", { name: group.name }).click();
  await page.getByRole("button", { name: "Next" }).click();
  await page.waitForURL(/step=content/);
  await page.getByRole("button", { name: "Next" }).click();
  await errorOf(page, "Choose a template or write a text").waitFor();
  await page.getByRole("radio", { name: "A text of its own" }).click();
  await page.getByLabel("Text", { exact: true }).fill("Hello {{ contact.name }}, {OFFER} is here");
  await page.getByLabel("OFFER").fill("fresh coffee");
  await page.locator("[data-preview]").filter({ hasText: "fresh coffee is here" }).waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("Name").fill(`Coffee ${stamp}`);
  await page.getByLabel("Channel").click();
  await page.getByRole("option", { name: channel.name }).click();
  await page.getByLabel("Messages a minute").fill("0");
  await page.getByRole("button", { name: "Next" }).click();
  await errorOf(page, "From 1 to").waitFor();
  await page.getByLabel("Messages a minute").fill("6000");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("As the first of the sample would get it").waitFor();
  await page.getByText(/fresh coffee is here/).waitFor();

  // a draft first, and a test from it
  await page.getByRole("button", { name: "Save as draft" }).click();
  await page.getByRole("heading", { name: `Coffee ${stamp}` }).waitFor();
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByLabel("Address").fill("+251911999999");
  await page.getByRole("button", { name: "Send the test" }).click();
  await page.getByText("The test is on its way to +251911999999").first().waitFor();
  await until(async () => {
    const { messages } = await call("GET", `/v1/channels/${channel.id}/sandbox/messages`);
    return messages.length === 1;
  });
  await page.getByRole("button", { name: "Send now" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Send now" }).click();
  // by the socket: nothing is loaded again
  await page.locator("[data-count=delivered_count]").filter({ hasText: /^4$/ }).waitFor({ timeout: 30_000 });
  await page.getByText("Completed").first().waitFor();
  await row(page, `Guest 0 ${stamp}`).getByText("Delivered").waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download CSV" }).click()]);
  assert.equal(readFileSync(await file.path(), "utf8").trim().split(/\r?\n/).length, 5);
  // each of them among all messages
  await page.getByRole("link", { name: "See the messages" }).click();
  await page.waitForURL(/filter=group_message_id/);
  await until(async () => (await page.getByRole("row").filter({ hasText: "Delivered" }).count()) === 4);
  await page.getByRole("link", { name: "Group messages" }).first().click();
  await row(page, `Coffee ${stamp}`).getByText("4 / 4").waitFor();
});

test("sending: group messages: are paused, slowed, resumed and cancelled while they run", { timeout: 120_000 }, async (t) => {
  const { call, channel, group, stamp } = await audience(30);
  const one = await call("POST", "/v1/group-messages", {
    name: `Slow ${stamp}`, message_body: "Hello", channel_id: channel.id, contact_group_ids: [group.id], rate_per_minute: 60, status: "queued",
  });
  const page = await sending(t, `group-messages/${one.id}`);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await until(async () => (await call("GET", `/v1/group-messages/${one.id}`)).status === "paused");
  await page.getByRole("button", { name: "Change the rate" }).click();
  await page.getByLabel("Messages a minute").fill("-3");
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "From 1 to").waitFor();
  await page.getByLabel("Messages a minute").fill("120");
  await page.getByRole("button", { name: "Save" }).click();
  await until(async () => (await call("GET", `/v1/group-messages/${one.id}`)).rate_per_minute === 120);
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.getByRole("button", { name: "Cancel it" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel it" }).click();
  await page.getByText("Cancelled").first().waitFor();
  const { cancelled_count } = await until(async () => {
    const now = await call("GET", `/v1/group-messages/${one.id}`);
    return now.pending_count === 0 && now;
  });
  assert.ok(cancelled_count > 0, String(cancelled_count));
});

test("sending: group messages: those that failed are told why, and tried again", { timeout: 120_000 }, async (t) => {
  const { call, channel, group, stamp } = await audience(3, { receipts: ["failed"] });
  const one = await call("POST", "/v1/group-messages", {
    name: `Refused ${stamp}`, message_body: "Hello", channel_id: channel.id, contact_group_ids: [group.id], status: "queued",
  });
  const page = await sending(t, `group-messages/${one.id}`);
  await page.locator("[data-count=failed_count]").filter({ hasText: /^3$/ }).waitFor({ timeout: 30_000 });
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByLabel("Value").click();
  await page.getByRole("option", { name: "Failed" }).click();
  await page.waitForURL(/filter=state:eq:failed/);
  await page.keyboard.press("Escape");
  await page.getByText("1–3 of 3").waitFor();
  await call("PUT", `/v1/channels/${channel.id}/sandbox/behaviour`, { behaviour: { receipt_delay_ms: 50, receipts: ["delivered"] } });
  await page.getByRole("button", { name: "Retry failed" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Retry failed" }).click();
  await page.locator("[data-progress='3']").waitFor({ timeout: 30_000 });
});

test("sending: schedules: the next times are shown as they are chosen; saved, paused, resumed, cancelled", async (t) => {
  const { call, channel, group, stamp } = await audience(2);
  const page = await sending(t, "scheduled-messages/new", { timezoneId: "Africa/Addis_Ababa" });
  await page.getByRole("button", { name: "Schedule", exact: true }).click();
  await errorOf(page, "Choose at least one group or segment").waitFor();
  await errorOf(page, "Choose a template or write a text").waitFor();
  await page.getByLabel("Name").fill(`Reminder ${stamp}`);
  await page.getByRole("checkbox", { name: group.name }).click();
  await page.getByRole("radio", { name: "A text of its own" }).click();
  await page.getByLabel("Text", { exact: true }).fill("Remember us");
  await page.getByLabel("Channel").click();
  await page.getByRole("option", { name: channel.name }).click();
  await page.getByLabel("Day", { exact: true }).fill("2030-01-01");
  await page.getByLabel("Time", { exact: true }).fill("08:30");
  await page.locator("[data-runs='1']").waitFor();
  await page.getByRole("radio", { name: "Weekly" }).click();
  await page.getByRole("button", { name: "Schedule", exact: true }).click();
  await errorOf(page, "Choose the days").waitFor();
  await page.getByRole("button", { name: "Monday", exact: true }).click();
  await page.getByRole("button", { name: "Thursday", exact: true }).click();
  await page.locator("[data-runs='5']").waitFor();
  await page.getByRole("radio", { name: "By a rule" }).click();
  await page.getByLabel("Rule", { exact: true }).fill("FREQ=SOMETIMES");
  await page.getByRole("note").filter({ hasText: /rule/i }).waitFor();
  await page.getByLabel("Rule", { exact: true }).fill("FREQ=MONTHLY;BYDAY=-1FR");
  await page.locator("[data-runs='5']").filter({ hasText: "Fri" }).waitFor();
  await page.getByRole("radio", { name: "After some times" }).click();
  await page.getByLabel("How many times").fill("3");
  await page.locator("[data-runs='3']").waitFor();
  await page.getByRole("button", { name: "Schedule", exact: true }).click();
  await row(page, `Reminder ${stamp}`).getByText("FREQ=MONTHLY;BYDAY=-1FR").waitFor();
  const [stored] = await call("GET", `/v1/scheduled-messages?filter=name:eq:${encodeURIComponent(`Reminder ${stamp}`)}`);
  assert.equal(stored.scheduled_at.slice(0, 16), "2030-01-01T05:30");
  assert.deepEqual([stored.recurrence_count, stored.timezone], [3, "Africa/Addis_Ababa"]);

  await page.getByRole("button", { name: `Actions for Reminder ${stamp}` }).click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  await row(page, `Reminder ${stamp}`).getByText("(paused)").waitFor();
  await page.getByRole("button", { name: `Reminder ${stamp}`, exact: true }).click();
  assert.equal(await page.getByLabel("Rule", { exact: true }).inputValue(), "FREQ=MONTHLY;BYDAY=-1FR");
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.getByRole("radio", { name: "Daily" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await row(page, `Reminder ${stamp}`).getByText("Daily").waitFor();
  await page.getByRole("button", { name: `Actions for Reminder ${stamp}` }).click();
  await page.getByRole("menuitem", { name: "Cancel it" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel it" }).click();
  await row(page, `Reminder ${stamp}`).getByText("Cancelled").waitFor();
  // what is over is shown and cannot be changed
  await page.getByRole("button", { name: `Reminder ${stamp}`, exact: true }).click();
  await page.getByText("can no longer be changed").waitFor();
  assert.equal(await page.getByRole("button", { name: "Save" }).count(), 0);
});

test("sending: limits: quiet hours come in pairs", async (t) => {
  const call = await asOwner();
  t.after(() => call("PUT", "/v1/sending-limits", {}));
  const page = await sending(t, "sending-limits");
  await page.getByLabel("From").fill("21:00");
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "Both of them, or neither").waitFor();
  await page.getByLabel("Until").fill("07:30");
  await page.getByRole("button", { name: "Save" }).click();
  await until(async () => (await call("GET", "/v1/sending-limits")).quiet_until?.startsWith("07:30"));
});

test("sending: templates: when the reply window is over, an approved one is filled in and sent", { timeout: 90_000 }, async (t) => {
  const call = await asOwner();
  const stamp = Date.now();
  const channel = await call("POST", "/v1/channels", { name: `WhatsApp ${stamp}`, channel_type: "whatsapp", provider: "sandbox" });
  await call("POST", `/v1/channels/${channel.id}/sandbox/inbound`, { from: "+251955000111", display_name: "Almaz", text: "hello" });
  const [one] = await until(async () => {
    const found = await call("GET", `/v1/conversations?filter=channel_id:eq:${channel.id}`);
    return found.length > 0 && found;
  });
  const template = await call("POST", "/v1/templates", { name: `order_${stamp}`, channel_type: "whatsapp", language: "en", body: "Dear {{ contact.name }}, {ORDER} is ready" });
  const page = await sending(t, "");
  // a pretend provider has no window and approves nothing: both are said to the page, all else is real
  await page.route(/\/v1\/templates\?/, async (route) => {
    const answer = await route.fetch();
    const told = await answer.json();
    told.data = told.data.map((each) => (each.id === template.id ? { ...each, approval_status: "approved" } : each));
    await route.fulfill({ response: answer, json: told });
  });
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => socket.send(String(message).replace('"ends_at":null', '"ends_at":"2026-01-01T00:00:00Z"')));
  });
  await page.goto(new URL(`/inbox/all/${one.id}`, page.url()).href);
  await page.getByRole("button", { name: "Use a template" }).click();
  const dialog = page.getByRole("dialog", { name: "Send an approved template" });
  await dialog.getByRole("combobox").click();
  await page.getByRole("option", { name: new RegExp(template.name) }).click();
  await until(async () => (await dialog.getByLabel("contact.name").inputValue()) === "Almaz");
  assert.ok(await dialog.getByRole("button", { name: "Send" }).isDisabled());
  await dialog.getByLabel("ORDER").fill("Your coffee");
  await dialog.getByText("Dear Almaz, Your coffee is ready").waitFor();
  await dialog.getByRole("button", { name: "Send" }).click();
  await page.locator("[data-message]").filter({ hasText: "Dear Almaz, Your coffee is ready" }).waitFor();
  const sent = await until(async () =>
    (await call("GET", `/v1/messages?filter=conversation_id:eq:${one.id}`)).find(({ metadata }) => metadata.template));
  assert.deepEqual(sent.metadata.template, { name: template.name, language: "en", body: { contact_name: "Almaz", order: "Your coffee" } });
});
