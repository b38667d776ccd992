// People: agents, their availability, teams, roles, keys, the account, oneself; and who may see what.
import assert from "node:assert/strict";

import { PASSWORD } from "../harness/api.js";
import { inbox } from "../harness/inbox.js";
import { test } from "../harness/test.js";
import { asOwner, until, world } from "../harness/world.js";

const REFUSED = /the server responded with a status of 4\d\d/;
const settings = (t, path, more) => inbox(t, `/settings/${path}`, { expected: REFUSED, ...more });
const errorOf = (page, text) => page.getByRole("alert").filter({ hasText: text });
const save = (page) => page.getByRole("button", { name: "Save", exact: true }).click();

async function choose(page, label, option) {
  await page.getByRole("combobox", { name: label }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

let people = 0;
/** Somebody new in a role, who can sign in. */
async function person(role = "agent") {
  const call = await asOwner();
  const email = `settings-${++people}@demo.example`;
  const { id } = await call("POST", "/v1/users", { email, password: PASSWORD, given_name: "Settings", family_name: `Number ${people}`, role });
  return { id, email, name: `Settings Number ${people}` };
}

test("settings: agents: somebody is added after refusals, given another role, and can sign in", async (t) => {
  const page = await settings(t, "agents");
  await page.getByRole("button", { name: "Add agent" }).click();
  await page.getByLabel("E-mail").fill("nobody");
  await page.getByLabel("First password").fill("short");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await errorOf(page, "This is not an e-mail address").waitFor();
  await errorOf(page, "At least 8 characters").waitFor();
  await errorOf(page, "Choose one").waitFor();
  await page.getByLabel("First name").fill("Marta");
  await page.getByLabel("E-mail").fill("hanna@demo.example");
  await page.getByLabel("Phone").fill("12");
  await page.getByLabel("First password").fill("a-good-password");
  await choose(page, "Role", "Agent");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await errorOf(page, "phone number with its country code").waitFor();
  await page.getByLabel("Phone").fill("+251911223344");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByLabel("E-mail").and(page.locator("[aria-invalid=true]")).waitFor();
  assert.equal(await page.getByLabel("First name").inputValue(), "Marta");
  await page.getByLabel("E-mail").fill("marta@demo.example");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: /Marta/ }).first().click();
  await page.getByRole("heading", { name: "Marta" }).waitFor();
  await choose(page, "Role", "Supervisor");
  await page.getByText("Role changed").first().waitFor();
  const told = await fetch(`${world.hub.url}/v1/auth/login`, {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "marta@demo.example", password: "a-good-password" }),
  });
  assert.equal(told.status, 200);
});

test("settings: agents: hours, capacity, languages, topics and channels of an agent", async (t) => {
  const { id } = await person();
  const call = await asOwner();
  const stored = async () => (await call("GET", `/v1/agent-preferences?filter=user_id:eq:${id}`))[0];
  const page = await settings(t, `agents/${id}`);
  await page.getByLabel("Conversations at a time").fill("80");
  await page.getByLabel("Languages").fill("english");
  await page.keyboard.press("Enter");
  await page.getByRole("radio", { name: "Only at certain hours" }).click();
  await page.getByLabel("To", { exact: true }).fill("");
  for (const day of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]) {
    await page.getByRole("button", { name: day }).click();
  }
  const saveHours = page.getByRole("button", { name: "Save", exact: true }).last();
  await saveHours.click();
  await errorOf(page, "From 1 to 50").waitFor();
  await errorOf(page, "A language is a code").waitFor();
  await errorOf(page, "A time is written like").waitFor();
  await errorOf(page, "Choose at least one day").waitFor();
  assert.equal(await stored(), undefined);

  await page.getByLabel("Conversations at a time").fill("8");
  await page.getByRole("button", { name: "Remove english" }).click();
  await page.getByLabel("Languages").fill("AM, en");
  await page.getByLabel("Topics").fill("refund");
  await page.getByRole("checkbox", { name: "Telegram", exact: true }).check();
  await page.getByRole("combobox", { name: "Time zone" }).click();
  await page.getByPlaceholder("Search").fill("Nairobi");
  await page.getByRole("option", { name: /Nairobi/ }).click();
  await page.getByRole("button", { name: "Saturday" }).click();
  await page.getByLabel("From", { exact: true }).fill("20:00");
  await page.getByLabel("To", { exact: true }).fill("04:00");
  await page.getByText("on the next day").waitFor();
  await page.getByRole("button", { name: "Add hours" }).click();
  await saveHours.click();
  await page.getByText("Saved", { exact: true }).first().waitFor();
  const kept = await stored();
  assert.equal(kept.max_concurrent_conversations, 8);
  assert.deepEqual(kept.languages, ["am", "en"]);
  assert.deepEqual(kept.available_topics, ["refund"]);
  assert.deepEqual(kept.available_channels, ["telegram"]);
  assert.deepEqual(kept.available_hours, {
    timezone: "Africa/Nairobi",
    schedule: [
      { days: ["sat"], start: "20:00", end: "04:00" },
      { days: ["mon", "tue", "wed", "thu", "fri"], start: "08:00", end: "17:00" },
    ],
  });

  await page.reload();
  assert.equal(await page.getByLabel("From", { exact: true }).first().inputValue(), "20:00");
  await page.getByRole("radio", { name: "Always" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).last().click();
  await until(async () => (await stored()).available_hours === null);
});

test("settings: own availability: an agent sets their own and nobody else's", async (t) => {
  const { email, id } = await person();
  const page = await settings(t, "availability", { as: email });
  await page.getByLabel("Conversations at a time").fill("0");
  await save(page);
  await errorOf(page, "From 1 to 50").waitFor();
  await page.getByLabel("Conversations at a time").fill("3");
  await page.getByRole("checkbox", { name: "A sound" }).uncheck();
  await save(page);
  await page.getByText("Saved", { exact: true }).first().waitFor();
  const [kept] = await (await asOwner())("GET", `/v1/agent-preferences?filter=user_id:eq:${id}`);
  assert.equal(kept.max_concurrent_conversations, 3);
  assert.equal(kept.notification_preferences.sound, false);
});

test("settings: teams: a team is made, its members and lead set, a taken name refused", async (t) => {
  const { name } = await person();
  const page = await settings(t, "teams");
  await page.getByRole("button", { name: "New team" }).click();
  await page.getByRole("button", { name: "Create team" }).click();
  await errorOf(page, "This must be filled in").waitFor();
  await page.getByLabel("Name").fill("Billing");
  await page.getByRole("button", { name: "Create team" }).click();
  await page.getByLabel("Name").and(page.locator("[aria-invalid=true]")).waitFor();
  await page.getByLabel("Name").fill("Deliveries");
  await page.getByRole("button", { name: "Create team" }).click();
  await page.getByRole("combobox", { name: "Add a member" }).click();
  await page.locator("[cmdk-input]").fill(name);
  await page.getByRole("option", { name: new RegExp(name) }).click();
  await page.getByRole("button", { name: `Make ${name} the lead` }).click();
  await page.getByRole("button", { name: `${name} is the lead; press to make them a member` }).waitFor();
  const call = await asOwner();
  const team = (await call("GET", "/v1/teams")).find((one) => one.name === "Deliveries");
  const [member] = await call("GET", `/v1/teams/${team.id}/members`);
  assert.deepEqual([member.name, member.role], [name, "lead"]);
  await page.getByRole("button", { name: `Take ${name} out of the team` }).click();
  await page.getByText("Nobody is in this team yet").waitFor();
});

test("settings: roles and API keys: a role is refused without permissions, and saved with them", async (t) => {
  const page = await settings(t, "roles");
  await page.getByRole("button", { name: "New role" }).click();
  await page.getByLabel("Name").fill("Translators");
  await save(page);
  await errorOf(page, "Choose at least one permission").waitFor();
  await page.getByRole("checkbox", { name: "Conversations", exact: true }).check();
  await page.getByRole("checkbox", { name: "See those of all teams" }).uncheck();
  await save(page);
  await page.getByRole("button", { name: "Translators", exact: true }).waitFor();
  const role = (await (await asOwner())("GET", "/v1/roles")).find((one) => one.name === "Translators");
  assert.deepEqual(role.permissions.sort(), ["conversations.assign", "conversations.manage", "conversations.reply", "conversations.view", "notes.view"]);
  await page.getByRole("button", { name: "Owner", exact: true }).click();
  await page.getByText("This role is built in").waitFor();
  assert.equal(await page.getByRole("dialog").getByRole("button", { name: "Save" }).count(), 0);
});

test("settings: roles and API keys: a key is shown once, works, and is ended", async (t) => {
  const page = await settings(t, "api-keys");
  await page.getByRole("button", { name: "New API key" }).first().click();
  await page.getByRole("button", { name: "Make key" }).click();
  await errorOf(page, "This must be filled in").waitFor();
  await errorOf(page, "Choose at least one permission").waitFor();
  await page.getByLabel("Name").fill("Report");
  await page.getByRole("checkbox", { name: "See conversations" }).check();
  await page.getByRole("button", { name: "Make key" }).click();
  await page.getByText("This is the only time the key is shown").waitFor();
  const key = (await page.getByLabel("Key", { exact: true }).innerText()).trim();
  const ask = () => fetch(`${world.hub.url}/v1/conversations`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await ask()).status, 200);
  await page.getByRole("button", { name: "I have copied it" }).click();
  assert.ok(!(await page.content()).includes(key));
  await page.getByRole("button", { name: "Actions for Report" }).click();
  await page.getByRole("menuitem", { name: "Revoke" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("Revoked", { exact: true }).waitFor();
  assert.equal((await ask()).status, 401);
});

test("settings: account and profile: the account", async (t) => {
  const page = await settings(t, "account");
  await page.getByLabel("Name").fill(" ");
  await page.getByLabel("Languages of your customers").fill("klingon");
  await page.keyboard.press("Enter");
  await save(page);
  await errorOf(page, "This must be filled in").waitFor();
  await errorOf(page, "A language is a code").waitFor();
  await page.getByLabel("Name").fill("Turumba Demo");
  await page.getByRole("button", { name: "Remove klingon" }).click();
  await page.getByLabel("Description").fill("Changed by a test");
  await save(page);
  await page.getByText("Saved", { exact: true }).first().waitFor();
  assert.equal((await (await asOwner())("GET", "/v1/accounts"))[0].description, "Changed by a test");
});

test("settings: account and profile: name, password, language, theme and the key that sends", async (t) => {
  const { email, id } = await person();
  const page = await settings(t, "profile", { as: email });
  await page.getByLabel("First name").fill("Renamed");
  await page.getByLabel("Phone").fill("call me");
  await save(page);
  await errorOf(page, "phone number with its country code").waitFor();
  assert.equal(await page.getByLabel("First name").inputValue(), "Renamed");
  await page.getByLabel("Phone").fill("");
  await save(page);
  await until(async () => (await (await asOwner())("GET", `/v1/users/${id}`)).given_name === "Renamed");

  await page.getByLabel("Present password").fill("wrong-password");
  await page.getByLabel("New password", { exact: true }).fill("a-better-password");
  await page.getByLabel("New password again").fill("a-bitter-password");
  await page.getByRole("button", { name: "Change password" }).click();
  await errorOf(page, "The two passwords differ").waitFor();
  await page.getByLabel("New password again").fill("a-better-password");
  await page.getByRole("button", { name: "Change password" }).click();
  await page.locator("form").last().getByRole("alert").first().waitFor();
  assert.equal(await page.getByLabel("New password", { exact: true }).inputValue(), "a-better-password");
  await page.getByLabel("Present password").fill(PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("Password changed").first().waitFor();

  await page.getByRole("radio", { name: "Light" }).click();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "light");
  await page.getByRole("radio", { name: /Ctrl \+ Enter sends/ }).click();
  await page.getByRole("combobox", { name: "Language" }).click();
  await page.getByRole("option", { name: "አማርኛ" }).click();
  await page.getByRole("heading", { name: "መገለጫ" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "መገለጫ" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "am");
  assert.equal(await page.locator("html").getAttribute("data-theme"), "light");
});

test("settings: account and profile: a picture is made small, shown, and taken away", async (t) => {
  const { email, id } = await person();
  const page = await settings(t, "profile", { as: email });
  const picker = page.locator("input[type=file]");
  await picker.setInputFiles({ name: "letter.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") });
  await page.getByText("letter.txt cannot be read as a picture").first().waitFor();
  const photo = Buffer.from(await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [1200, 800];
    canvas.getContext("2d").fillRect(100, 100, 900, 500);
    return canvas.toDataURL("image/png").split(",")[1];
  }), "base64");
  await picker.setInputFiles({ name: "me.png", mimeType: "image/png", buffer: photo });
  await page.getByRole("button", { name: "Change the picture" }).waitFor();
  const stored = await (await asOwner())("GET", `/v1/users/${id}`);
  const { pathname, search } = new URL(stored.avatar_url);
  const file = await fetch(world.hub.url + pathname + search);
  assert.match(file.headers.get("content-type"), /^image\//);
  assert.ok((await file.arrayBuffer()).byteLength < photo.length);
  await until(() => page.locator("main img").first().evaluate((image) => image.naturalWidth === 256));
  await page.reload();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("button", { name: "Add a picture" }).waitFor();
  assert.equal((await (await asOwner())("GET", `/v1/users/${id}`)).avatar_url, null);
});

test("settings: account and profile: a reading that fails takes no form away", async (t) => {
  const page = await settings(t, "account", { expected: /ERR_FAILED|status of/ });
  await page.getByLabel("Description").fill("Typed in a storm");
  // the hub stores it, and cannot be asked who one is afterwards
  await page.route("**/v1/users/me", (route) => route.abort());
  const asked = page.waitForRequest("**/v1/users/me");
  await save(page);
  await asked;
  // longer than the second try takes
  await page.waitForTimeout(2_500);
  assert.equal(await page.getByLabel("Description").inputValue(), "Typed in a storm");
  await page.getByLabel("Description").fill("And again");
  await page.unroute("**/v1/users/me");
  await save(page);
  await until(async () => (await (await asOwner())("GET", "/v1/accounts"))[0].description === "And again");
});

test("settings: account and profile: what is typed while an answer is awaited is still there, and unsaved", async (t) => {
  const page = await settings(t, "account");
  let answer;
  const held = new Promise((done) => (answer = done));
  await page.route("**/v1/accounts/*", async (route) => {
    if (route.request().method() !== "PATCH") return route.fallback();
    await held;
    await route.continue();
  });
  await page.getByLabel("Description").fill("First");
  await save(page);
  await page.getByLabel("Description").fill("First and second");
  answer();
  await page.getByText("Saved", { exact: true }).first().waitFor();
  assert.equal(await page.getByLabel("Description").inputValue(), "First and second");
  await page.unroute("**/v1/accounts/*");
  await save(page);
  await until(async () => (await (await asOwner())("GET", "/v1/accounts"))[0].description === "First and second");
});

test("settings: who may see what: an agent looks at channels and rules and changes nothing; keys are not there", async (t) => {
  // other tests make channels, some of them called Sandbox, and a page shows the newest
  const page = await settings(t, "channels?q=Sandbox%20SMS", { as: "hanna" });
  await page.getByText("Read only").waitFor();
  assert.equal(await page.getByRole("link", { name: "Add channel" }).count(), 0);
  assert.equal(await page.getByRole("link", { name: "API keys" }).count(), 0);
  assert.ok(await page.getByRole("switch").first().isDisabled());
  await page.getByRole("button", { name: "Sandbox SMS", exact: true }).click();
  await page.getByRole("heading", { name: "Sandbox SMS" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Save" }).count(), 0);
  assert.equal(await page.getByRole("button", { name: "Verify" }).count(), 0);
  assert.equal(await page.getByLabel("Name of the channel").getAttribute("readonly"), "");

  await page.getByRole("link", { name: "Bot rules" }).click();
  await page.getByRole("link", { name: "Refunds go to Billing" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /^Move / }).count(), 0);
  // trying changes nothing, so everybody may
  await page.getByLabel("Message", { exact: true }).fill("refund");
  await page.getByRole("button", { name: "Try" }).click();
  await page.getByTestId("outcome").waitFor();

  await page.goto(`${world.hub.url}/settings/api-keys`);
  await page.getByText("You have no access to this page").waitFor();
});
