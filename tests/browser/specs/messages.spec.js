// All messages in one list, one message to one address, and doing something with everybody whom a filter finds.
import assert from "node:assert/strict";

import { inbox } from "../harness/inbox.js";
import { sms } from "../harness/sandbox.js";
import { test } from "../harness/test.js";
import { asOwner, until, world } from "../harness/world.js";

const REFUSED = /the server responded with a status of 4\d\d/;
const row = (page, text) => page.getByRole("row").filter({ hasText: text });

test("messages: all of them in one list: narrowed by the address, looked into, and one that failed is tried again", { timeout: 120_000 }, async (t) => {
  const mark = `List ${Date.now()}`;
  const bekele = await sms({ name: "Listed" });
  const id = await bekele.say(`${mark} from the customer`);
  const call = await asOwner();
  await bekele.behave({ fail_status: 1, fail_status_code: 403, receipts: [] });
  await call("POST", `/v1/conversations/${id}/messages`, { content: `${mark} refused` });
  await call("POST", `/v1/conversations/${id}/messages`, { content: `${mark} among us`, is_private: true });
  await until(async () => (await call("GET", `/v1/messages?filter=conversation_id:eq:${id}&filter=status:eq:failed`)).length === 1);

  const page = await inbox(t, "/group-messages", { expected: REFUSED });
  await page.getByRole("navigation", { name: "Sending" }).getByRole("link", { name: "All messages" }).click();
  await page.getByRole("searchbox").fill(mark);
  await page.waitForURL(/q=List/);
  await row(page, "from the customer").getByText("Received").waitFor();
  await row(page, "refused").getByText("Not delivered").waitFor();
  await row(page, "among us").getByText("Note").waitFor();
  // whoever gets the address sees the same
  const channel = (await call("GET", `/v1/conversations/${id}`)).channel_id;
  await page.goto(`${world.hub.url}/messages?filter=channel_id:eq:${channel}&filter=direction:eq:inbound`);
  await row(page, "from the customer").waitFor();
  assert.equal(await row(page, "refused").count(), 0);

  await page.goto(`${world.hub.url}/messages?filter=channel_id:eq:${channel}&filter=status:eq:failed`);
  await row(page, "refused").getByRole("button").first().click();
  const sheet = page.getByRole("dialog");
  await sheet.getByText(`${mark} refused`).waitFor();
  await sheet.getByText("Refused by the provider").waitFor();
  await sheet.getByText(bekele.number).waitFor();
  await bekele.behave({});
  await sheet.getByRole("button", { name: "Try again" }).click();
  await until(async () => (await bekele.messages()).some(({ text }) => text === `${mark} refused`), "it is sent again");
  await sheet.getByText("Refused by the provider").waitFor({ state: "detached" });
  await sheet.getByRole("link", { name: "Open the conversation" }).click();
  await page.waitForURL((url) => url.pathname === `/inbox/all/${id}`);
});

test("messages: one is written to an address, after what is missing was named", { timeout: 120_000 }, async (t) => {
  const call = await asOwner();
  const stamp = Date.now();
  const channel = await call("POST", "/v1/channels", { name: `Single ${stamp}`, channel_type: "sms", provider: "sandbox" });
  const page = await inbox(t, "/messages", { expected: REFUSED });
  await page.getByRole("link", { name: "New message" }).first().click();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("Choose one").waitFor();
  await page.getByText("Choose a template or write a text").waitFor();
  await page.getByText("Give an address or choose a contact").waitFor();
  await page.getByLabel("Channel", { exact: false }).first().click();
  await page.getByRole("option", { name: channel.name }).click();
  await page.getByLabel("Text", { exact: true }).fill("Your coffee is here, {{ contact.name | default: \"guest\" }}.");
  await page.getByLabel("Address", { exact: true }).fill("no number");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("This is not a phone number").waitFor();
  // a variable that cannot be read would go out with its braces
  await page.getByLabel("Address", { exact: true }).fill("+251935077001");
  await page.getByLabel("Text", { exact: true }).fill("Your coffee is here, {{ contact.name | shout }}.");
  await page.getByText("there is no filter").first().waitFor();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("The text cannot be read where it is marked").waitFor();
  await page.getByLabel("Text", { exact: true }).fill("Your coffee is here, {{ contact.name | default: \"guest\" }}.");
  await page.getByText("there is no filter").first().waitFor({ state: "detached" });
  // what only the hub knows to be wrong is said too, and nothing typed is lost
  await call("PATCH", `/v1/channels/${channel.id}`, { is_enabled: false });
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("this channel is switched off").first().waitFor();
  assert.match(await page.getByLabel("Text", { exact: true }).inputValue(), /Your coffee is here/);
  await call("PATCH", `/v1/channels/${channel.id}`, { is_enabled: true });
  await page.getByRole("button", { name: "Send", exact: true }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByText("Your coffee is here, ").first().waitFor();
  const at = `/v1/channels/${channel.id}/sandbox/messages`;
  const sent = await until(async () => (await call("GET", at)).messages[0], "it is sent");
  assert.deepEqual([sent.to, /^Your coffee is here, /.test(sent.text)], ["+251935077001", true]);
  await sheet.getByText("The text before it was filled in").click();

  // from a contact, whose values and address are taken
  const contact = await call("POST", "/v1/contacts", { name: `Meron ${stamp}`, phone: "+251935077002" });
  await page.goto(`${world.hub.url}/contacts?open=${contact.id}`);
  await page.getByRole("dialog").getByRole("link", { name: "Write" }).click();
  await page.getByRole("button", { name: contact.name }).waitFor();
  // the channel is the one that was written on last
  await page.getByLabel("Text", { exact: true }).fill("Hello {{ contact.name }}");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await until(async () => (await call("GET", at)).messages.some(({ to, text }) => to === "+251935077002" && text === `Hello ${contact.name}`), "it is sent to the contact");
});

test("messages: who may only look finds no button, and is told nothing of notes", { timeout: 90_000 }, async (t) => {
  const call = await asOwner();
  const stamp = Date.now();
  const role = await call("POST", "/v1/roles", { name: `Looks ${stamp}`, permissions: ["messages.view", "conversations.view"] });
  const email = `looks-${stamp}@demo.example`;
  await call("POST", "/v1/users", { email, password: "turumba-demo", given_name: "Looks", role_id: role.id });
  const bekele = await sms({ name: "Looked at" });
  const id = await bekele.say(`for the looker ${stamp}`);
  await call("POST", `/v1/conversations/${id}/messages`, { content: `not for the looker ${stamp}`, is_private: true });
  const page = await inbox(t, `/messages?q=${stamp}`, { as: email, expected: REFUSED });
  await row(page, `for the looker ${stamp}`).waitFor();
  assert.equal(await row(page, "not for the looker").count(), 0);
  assert.equal(await page.getByRole("link", { name: "New message" }).count(), 0);
});

test("messages: all contacts that a filter finds are chosen, not only those that are shown", { timeout: 120_000 }, async (t) => {
  const call = await asOwner();
  const tag = `all-${Date.now()}`;
  const count = 1_060;
  for (let from = 0; from < count; from += 1_000) {
    const create = Array.from({ length: Math.min(1_000, count - from) }, (_, n) => ({ name: `Many ${from + n}`, phone: `+25197${7_000_000 + from + n}`, tags: [tag] }));
    await call("POST", "/v1/contacts/bulk", { create });
  }
  const page = await inbox(t, `/contacts?filter=tags:contains:${tag}`, { expected: REFUSED });
  await page.getByRole("checkbox", { name: "Choose all on this page" }).click();
  await page.getByText("25 chosen").waitFor();
  await page.getByRole("button", { name: `Choose all ${count} that match` }).click();
  await page.getByText(`${count} chosen`).waitFor();
  await page.getByRole("button", { name: "Make inactive" }).click();
  await page.getByText(`${count} contacts changed`).first().waitFor({ timeout: 60_000 });
  const left = await call("GET", `/v1/contacts?filter=tags:contains:${tag}&filter=is_active:eq:true&limit=1`);
  assert.equal(left.length, 0);
});
