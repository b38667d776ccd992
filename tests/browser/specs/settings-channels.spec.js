// Channels and web chats: forms from the providers' schemas, secrets, verification, the snippet.
import assert from "node:assert/strict";

import { inbox } from "../harness/inbox.js";
import { test } from "../harness/test.js";
import { asOwner, shot, until, webchat, world } from "../harness/world.js";

const REFUSED = /the server responded with a status of 4\d\d/;
const settings = (t, path, more) => inbox(t, `/settings/${path}`, { expected: REFUSED, ...more });
const errorOf = (page, text) => page.getByRole("alert").filter({ hasText: text });
const channelNamed = async (name) => (await (await asOwner())("GET", "/v1/channels?limit=200")).find((one) => one.name === name);

/** What the page's next PATCH holds. Chromium tells of a body only while the request is held. */
const patchOf = (page) => new Promise((resolve) => {
  page.route("**/v1/channels/*", async (route) => {
    if (route.request().method() === "PATCH") resolve(route.request().postDataJSON());
    await route.fallback();
  });
});

test("settings: channels: a provider's form is made from its schema; secrets are written and never read", async (t) => {
  const page = await settings(t, "channels");
  await page.getByRole("link", { name: "Add channel" }).click();
  await page.getByRole("button", { name: /^Twilio/ }).click();
  await page.waitForURL(/provider=sms/);
  await page.getByRole("button", { name: "Add channel" }).click();
  await until(async () => (await errorOf(page, "This must be filled in").count()) === 3, "name, account SID and token are wanted");
  await page.getByLabel("Name of the channel").fill("Text messages");
  await page.getByLabel("Account SID", { exact: true }).fill("AC 12");
  await page.getByLabel("Auth token", { exact: true }).fill("my-secret-token-0001");
  await page.getByLabel("Validity (seconds)").fill("99999");
  await page.getByText("Sender, speed, order of preference").click();
  await page.getByLabel("Country code").fill("251");
  await page.getByRole("button", { name: "Add channel" }).click();
  await errorOf(page, "This does not look right").waitFor();
  await errorOf(page, "From 1 to 36000").waitFor();
  await errorOf(page, "A country code is written like +251").waitFor();
  await page.getByLabel("Account SID", { exact: true }).fill("AC12345");
  await page.getByLabel("Validity (seconds)").fill("600");
  await page.getByLabel("Country code").fill("+251");
  // an address of this machine, which the hub does not call: the provider cannot be asked
  await page.getByText("Rarely needed").click();
  await page.getByLabel("API address").fill("http://127.0.0.1:9");
  await page.getByRole("button", { name: "Add channel" }).click();
  await page.getByText("did not accept it").first().waitFor();
  await page.waitForURL(/settings\/channels\/[0-9a-f-]{36}/);
  await page.getByText("The provider refused").waitFor();
  assert.match(await page.getByLabel("Auth token", { exact: true }).inputValue(), /•/);
  assert.ok(!(await page.content()).includes("my-secret-token"), "the secret is not in the page");

  // another setting is saved without the secret being sent
  const patched = patchOf(page);
  await page.getByLabel("Validity (seconds)").fill("700");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const body = await patched;
  assert.deepEqual(body.settings, { validity_period: 700 });
  assert.equal(body.credentials, undefined);
  await page.getByText("Saved", { exact: true }).first().waitFor();

  await page.getByRole("button", { name: "Replace" }).first().click();
  await page.getByLabel("Auth token", { exact: true }).fill("another-token-0002");
  const replaced = patchOf(page);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  assert.deepEqual((await replaced).credentials, { auth_token: "another-token-0002" });
});

test("settings: channels: a channel is verified, asked how it stands, switched off, and deleted", async (t) => {
  const page = await settings(t, "channels/new?provider=sms/sandbox");
  await page.getByLabel("Name of the channel").fill("Pretend SMS");
  await page.getByRole("button", { name: "Add channel" }).click();
  await page.getByRole("heading", { name: "Pretend SMS" }).waitFor();
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByText("The provider accepted the access").first().waitFor();
  await page.getByRole("button", { name: "Ask how it stands" }).click();
  await page.getByText("In order").waitFor();
  await page.getByRole("button", { name: "Send a test message" }).click();
  const trial = page.getByRole("dialog", { name: "Send a test message" });
  await trial.getByRole("textbox", { name: /^To/ }).fill("+251911000007");
  await trial.getByRole("button", { name: "Send the test" }).click();
  await trial.locator("[data-test-outcome=accepted]").getByText("Taken").waitFor();
  await shot(page, "settings-channel-test-light");
  await page.keyboard.press("Escape");
  const url = await page.getByLabel("Webhook address", { exact: true }).innerText();
  const { id, webhook_url } = await channelNamed("Pretend SMS");
  assert.equal(url, webhook_url);

  await page.getByText("Behaviour of the pretend provider").click();
  await page.getByLabel("Throttle", { exact: true }).fill("7");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await errorOf(page, "From 0 to 1").waitFor();
  await page.getByLabel("Throttle", { exact: true }).fill("0.5");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await until(async () => (await channelNamed("Pretend SMS")).settings.throttle === 0.5);

  // off costs what customers write meanwhile: it is asked first, and said while it is so and afterwards
  const toggle = page.getByRole("switch", { name: "Switched on" });
  const question = page.getByRole("alertdialog", { name: "Switch Pretend SMS off?" });
  await toggle.click();
  await question.getByRole("button", { name: "Cancel" }).click();
  await question.waitFor({ state: "detached" });
  assert.equal((await channelNamed("Pretend SMS")).is_enabled, true);
  await toggle.click();
  await question.getByRole("button", { name: "Switch off" }).click();
  await page.getByText("Switched off", { exact: true }).first().waitFor();
  await page.getByText("This channel is off").waitFor();
  await (await asOwner())("POST", `/v1/channels/${id}/sandbox/inbound`, { from: "+251935999001", text: "anybody there?" });
  await page.reload();
  await page.getByText("One delivery came while it was off").waitFor();
  await shot(page, "settings-channel-off-light");
  await toggle.click();
  await page.getByText("Not everything that came was taken").waitFor();
  assert.deepEqual(await (await asOwner())("GET", `/v1/conversations?filter=channel_id:eq:${id}`), []);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await page.waitForURL(/settings\/channels$/);
  assert.equal(await channelNamed("Pretend SMS"), undefined);
  assert.ok(id);
});

test("settings: channels: the list is filtered by the address and switched by the row", async (t) => {
  const page = await settings(t, "channels?filter=channel_type:eq:telegram");
  await page.getByRole("button", { name: "Sandbox Telegram", exact: true }).waitFor();
  await page.getByRole("button", { name: "1 filter" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Sandbox SMS", exact: true }).count(), 0);
  await page.getByRole("switch", { name: "Sandbox Telegram switched on" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Switch off" }).click();
  await until(async () => (await channelNamed("Sandbox Telegram")).is_enabled === false);
  await page.getByRole("switch", { name: "Sandbox Telegram switched on" }).click();
  await until(async () => (await channelNamed("Sandbox Telegram")).is_enabled === true);
});

test("settings: web chat: look, texts, questions and origins are refused, previewed, saved, and given to the page", async (t) => {
  const page = await settings(t, "webchat/new");
  await page.getByRole("button", { name: "Create web chat" }).click();
  await errorOf(page, "This must be filled in").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Shop chat");
  await page.getByLabel("Colour", { exact: true }).fill("#12");
  await page.getByLabel("Pages that may show it").fill("not a page");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Own question" }).click();
  await page.getByRole("button", { name: "Create web chat" }).click();
  await errorOf(page, "A colour is written like").waitFor();
  await errorOf(page, "is no origin").waitFor();
  // what is asked, and under which name it is stored
  assert.equal(await errorOf(page, "This must be filled in").count(), 2);

  await page.getByLabel("Colour", { exact: true }).fill("#0B6B80");
  await page.getByRole("button", { name: "Remove not a page" }).click();
  await page.getByLabel("Pages that may show it").fill("https://shop.example/cart?x=1");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Remove https://shop.example" }).waitFor();
  await page.getByLabel("Question", { exact: true }).fill("Order number");
  assert.equal(await page.getByLabel("Stored as").inputValue(), "order_number");
  await page.getByRole("checkbox", { name: "Must be answered" }).check();
  await page.getByRole("button", { name: "E-mail", exact: true }).click();
  await page.getByRole("checkbox", { name: "Ask before the first message" }).check();
  await page.getByLabel("Welcome").fill("Selam! What can we do?");
  const preview = page.frameLocator("iframe[title=Preview]");
  await preview.getByText("Selam! What can we do?").waitFor();
  await page.getByRole("radio", { name: "Questions" }).click();
  await preview.getByText("Order number *").waitFor();

  // put in order by keyboard: the e-mail first
  const handle = page.getByRole("button", { name: "Move E-mail" });
  await handle.focus();
  await page.keyboard.press("Space");
  await page.waitForTimeout(150);
  await page.keyboard.press("ArrowUp");
  await page.waitForTimeout(300);
  await page.keyboard.press("Space");
  await until(async () => (await page.getByLabel("Stored as").first().inputValue()) === "email");

  await page.getByRole("button", { name: "Make a secret" }).click();
  await page.getByRole("button", { name: "Create web chat" }).click();
  await page.getByRole("heading", { name: "Shop chat" }).waitFor();
  const stored = await channelNamed("Shop chat");
  const { public_key, widget_config, pre_chat_form, allowed_origins, welcome_message } = stored.settings;
  assert.equal(widget_config.color, "#0B6B80");
  assert.equal(welcome_message, "Selam! What can we do?");
  assert.deepEqual(allowed_origins, ["https://shop.example"]);
  assert.deepEqual(pre_chat_form.fields.map(({ name, required }) => [name, required]), [["email", false], ["order_number", true]]);
  const snippet = await page.getByLabel("Lines for the page", { exact: true }).innerText();
  assert.equal(snippet.trim(), `<script src="${world.hub.url}/widget.js" data-key="${public_key}" async></script>`);
  const told = await fetch(`${world.hub.url}/v1/public/chat/${public_key}`).then((answer) => answer.json());
  assert.equal(told.data.welcome, "Selam! What can we do?");
  assert.match(await page.getByLabel("Identity secret").inputValue(), /•/);
});

test("settings: web chat: two questions under one name are refused; leaving asks before anything is lost", async (t) => {
  const { id } = await webchat();
  const page = await settings(t, `webchat/${id}`);
  await page.getByRole("button", { name: "Name", exact: true }).click();
  await page.getByRole("button", { name: "Own question" }).click();
  await page.getByLabel("Question", { exact: true }).nth(1).fill("Your name");
  await page.getByLabel("Stored as").nth(1).fill("name");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await errorOf(page, "Another question is stored under this name").waitFor();
  await page.getByRole("link", { name: "Labels" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Keep editing" }).click();
  assert.equal(await page.getByLabel("Stored as").nth(1).inputValue(), "name");
  await page.getByRole("link", { name: "Labels" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Discard" }).click();
  await page.waitForURL(/settings\/labels/);
});


test("settings: channels: after how much silence there is an alarm, and the alarm", async (t) => {
  const page = await settings(t, "channels/new?provider=sms/sandbox");
  await page.getByLabel("Name of the channel").fill("Quiet SMS");
  await page.getByText("Sender, speed, order of preference").click();
  const hours = page.getByLabel("Alarm after hours of silence");
  await hours.fill("9999");
  await page.getByRole("button", { name: "Add channel" }).click();
  await errorOf(page, "From 0 to 2160").waitFor();
  await hours.fill("36");
  await page.getByRole("button", { name: "Add channel" }).click();
  await page.getByRole("heading", { name: "Quiet SMS" }).waitFor();
  const { id, silence_hours } = await channelNamed("Quiet SMS");
  assert.equal(silence_hours, 36);
  assert.equal(await page.getByText("Nothing comes in any more").count(), 0);

  await page.getByText("Sender, speed, order of preference").click();
  await hours.fill("");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await until(async () => (await channelNamed("Quiet SMS")).silence_hours === null, "by habit again");

  // nobody waits here until it has fallen silent
  const silent_since = new Date(Date.now() - 40 * 3_600_000).toISOString();
  const silent = async (route) => {
    const answer = await route.fetch();
    const told = await answer.json();
    for (const one of [told.data].flat()) if (one.id === id) one.silent_since = silent_since;
    await route.fulfill({ response: answer, json: told });
  };
  await page.route(new RegExp(`/v1/channels(/${id})?(\\?|$)`), (route) =>
    route.request().method() === "GET" ? silent(route) : route.fallback());
  await page.reload();
  const alarm = page.locator("div").filter({ hasText: /^Nothing comes in any more/ }).first();
  await alarm.waitFor();
  await page.getByText("Look whether the provider still calls this hub").waitFor();
  await page.getByRole("link", { name: "Channels" }).first().click();
  await page.getByRole("row", { name: /Quiet SMS/ }).getByText("Nothing comes in any more").waitFor();
});
