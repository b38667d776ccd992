// Bot rules: every trigger and action, order, and the box to try them.
import assert from "node:assert/strict";

import { inbox } from "../harness/inbox.js";
import { test } from "../harness/test.js";
import { asOwner, until } from "../harness/world.js";

const REFUSED = /the server responded with a status of 4\d\d/;
const settings = (t, path, more) => inbox(t, `/settings/${path}`, { expected: REFUSED, ...more });
const errorOf = (page, text) => page.getByRole("alert").filter({ hasText: text });
const rules = async () => (await asOwner())("GET", "/v1/bot-rules?sort=priority:asc&limit=200");
const ruleNamed = async (name) => (await rules()).find((rule) => rule.name === name);
const save = (page) => page.getByRole("button", { name: "Save", exact: true }).click();

async function choose(page, label, option) {
  await page.getByRole("combobox", { name: label }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

test("settings: bot rules: a keyword rule is refused, tried as a draft, saved, and found before the fallback", async (t) => {
  const page = await settings(t, "bot-rules");
  await page.getByRole("link", { name: "New rule" }).click();
  await save(page);
  await errorOf(page, "Give at least one word").waitFor();
  assert.equal(await errorOf(page, "This must be filled in").count(), 2);

  await page.getByLabel("Words", { exact: true }).fill("invoice, receipt");
  await page.keyboard.press("Enter");
  await page.getByLabel("Text of the answer").fill("Which month, please?");
  await page.getByLabel("Labels", { exact: true }).fill("billing");
  await page.keyboard.press("Enter");
  await choose(page, "Priority", "High");
  await page.getByRole("radio", { name: "People" }).click();
  await save(page);
  await errorOf(page, "Choose a team, who of them").waitFor();
  await choose(page, "Team", "Billing");
  await choose(page, "Status", "Resolved");
  await save(page);
  await errorOf(page, "does not go with handing over").waitFor();
  await choose(page, "Status", "Leave as it is");
  await choose(page, "Who of them", "In turn");

  // without a name, and not stored: tried among the others
  await page.getByLabel("Message", { exact: true }).fill("I need a RECEIPT");
  // a first message would be greeted
  await page.getByRole("checkbox", { name: "It is their first message" }).uncheck();
  await page.getByRole("button", { name: "Try" }).click();
  const outcome = page.getByTestId("outcome");
  await outcome.getByText("“This rule” fits").waitFor();
  await outcome.getByText("Which month, please?", { exact: true }).waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Invoices");
  await save(page);
  await page.waitForURL(/settings\/bot-rules$/);
  await page.getByRole("link", { name: "Invoices" }).waitFor();
  const stored = await ruleNamed("Invoices");
  const { id: team } = (await (await asOwner())("GET", "/v1/teams")).find(({ name }) => name === "Billing");
  assert.deepEqual(stored.conditions.keywords, ["invoice", "receipt"]);
  assert.deepEqual(stored.actions, {
    reply_text: "Which month, please?", set_labels: ["billing"], set_priority: "high",
    assign_team_id: team, assign_strategy: "round_robin",
  });
  const order = (await rules()).map((rule) => rule.trigger_type);
  assert.equal(order.at(-1), "fallback", order.join());
});

test("settings: bot rules: each trigger is saved as the hub takes it, and read back into its form", async (t) => {
  const page = await settings(t, "bot-rules/new");
  await page.getByLabel("Name", { exact: true }).fill("Sunday");
  await page.getByRole("radio", { name: "Time", exact: true }).click();
  await page.getByRole("radio", { name: "The whole day" }).click();
  await page.getByRole("radio", { name: "Nothing" }).click();
  await save(page);
  await errorOf(page, "Choose at least one day").waitFor();
  await page.getByRole("radio", { name: "Between two times" }).click();
  await page.getByLabel("From", { exact: true }).fill("22:00");
  await page.getByLabel("To", { exact: true }).fill("06:00");
  await page.getByText("on the next day").waitFor();
  await page.getByRole("combobox", { name: "Time zone" }).click();
  await page.getByPlaceholder("Search").fill("Addis");
  await page.getByRole("option", { name: /Addis Ababa/ }).click();
  await page.getByRole("button", { name: "Sunday" }).click();
  await page.getByText("Only for some messages").click();
  await page.getByRole("group", { name: "On these channels" }).getByRole("checkbox", { name: "SMS", exact: true }).check();
  await page.getByLabel("Written in").fill("am");
  await choose(page, "Status", "With the bot");
  await save(page);
  await page.waitForURL(/settings\/bot-rules$/);
  const stored = await ruleNamed("Sunday");
  assert.deepEqual(stored.conditions, {
    time_range: { start: "22:00", end: "06:00" }, timezone: "Africa/Addis_Ababa", days: ["sun"],
    channels: ["sms"], language: ["am"],
  });
  assert.deepEqual(stored.actions, { set_status: "bot" });

  await page.getByRole("link", { name: "Sunday" }).click();
  assert.equal(await page.getByLabel("From", { exact: true }).inputValue(), "22:00");
  for (const [trigger, conditions] of [
    ["Channel", { channels: ["sms"], language: ["am"] }],
    ["New conversation", { only_first_message: true, channels: ["sms"], language: ["am"] }],
    ["Everything else", { channels: ["sms"], language: ["am"] }],
  ]) {
    await page.getByRole("radio", { name: trigger, exact: true }).click();
    await save(page);
    await page.waitForURL(/settings\/bot-rules$/);
    assert.deepEqual((await ruleNamed("Sunday")).conditions, conditions, trigger);
    await page.getByRole("link", { name: "Sunday" }).click();
    await page.getByRole("radio", { name: trigger, exact: true, checked: true }).waitFor();
  }
  await (await asOwner())("DELETE", `/v1/bot-rules/${stored.id}`);
});

test("settings: bot rules: what only the hub can know is refused at its field", async (t) => {
  const page = await settings(t, "bot-rules/new");
  await page.getByLabel("Name", { exact: true }).fill("Too late");
  await page.getByLabel("Words", { exact: true }).fill("late");
  await page.keyboard.press("Enter");
  await page.getByRole("radio", { name: "A template" }).click();
  await choose(page, "Template", "Refund received");
  // somebody else's change in the meantime
  await page.route("**/v1/bot-rules", (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    const body = route.request().postDataJSON();
    return route.continue({ postData: JSON.stringify({ ...body, actions: { reply_template_id: "01900000-0000-7000-8000-000000000000" } }) });
  });
  await save(page);
  await page.getByRole("combobox", { name: "Template" }).and(page.locator("[aria-invalid=true]")).waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Too late");
});

/** Where something is once it has stopped moving there. */
async function atRest(locator) {
  for (let before = null; ; ) {
    const box = await locator.boundingBox();
    if (box && before && box.x === before.x && box.y === before.y) return box;
    before = box;
    await new Promise((done) => setTimeout(done, 200));
  }
}

test("settings: bot rules: the order is changed by keyboard and by mouse, rules are switched, copied and deleted", async (t) => {
  const page = await settings(t, "bot-rules");
  const names = async () => (await rules()).map((rule) => rule.name);
  const before = await names();
  const handle = page.getByRole("button", { name: `Move ${before[1]}` });
  await handle.focus();
  await page.keyboard.press("Space");
  await page.waitForTimeout(150);
  await page.keyboard.press("ArrowUp");
  await page.waitForTimeout(300);
  await page.keyboard.press("Space");
  await page.getByText("New order saved").first().waitFor();
  assert.deepEqual((await names()).slice(0, 2), [before[1], before[0]]);

  const from = await atRest(page.getByRole("button", { name: `Move ${before[1]}` }));
  const to = await atRest(page.getByRole("button", { name: `Move ${before[0]}` }));
  assert.ok(from.y < to.y, "what was moved up stands above");
  await page.mouse.move(from.x + 8, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + 8, from.y + 20, { steps: 3 });
  await page.mouse.move(to.x + 8, to.y + 24, { steps: 8 });
  await page.mouse.up();
  await until(async () => (await names())[0] === before[0], "the first is first again");

  await page.getByRole("switch", { name: `${before[0]} active` }).click();
  await until(async () => (await ruleNamed(before[0])).is_active === true);
  await page.getByRole("switch", { name: `${before[0]} active` }).click();
  await until(async () => (await ruleNamed(before[0])).is_active === false);

  await page.getByRole("button", { name: `Actions for ${before[0]}` }).click();
  await page.getByRole("menuitem", { name: "Duplicate" }).click();
  await page.getByRole("heading", { name: `${before[0]} (copy)` }).waitFor();
  await page.getByRole("link", { name: "Bot rules" }).first().click();
  await page.getByRole("button", { name: `Actions for ${before[0]} (copy)` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await until(async () => (await ruleNamed(`${before[0]} (copy)`)) === undefined);
});

test("settings: bot rules: stored rules are tried without anything happening", async (t) => {
  const page = await settings(t, "bot-rules");
  await page.getByRole("button", { name: "Try" }).click();
  await errorOf(page, "Write a message to try first").waitFor();
  await page.getByLabel("Message", { exact: true }).fill("my refund please");
  await page.getByRole("button", { name: "Try" }).click();
  const outcome = page.getByTestId("outcome");
  await outcome.getByText("“Refunds go to Billing” fits").waitFor();
  await outcome.getByText("To Billing · Whoever has least to do").waitFor();
});

test("settings: bot rules: an edited rule is tried in the place of its stored self", async (t) => {
  const { id } = await ruleNamed("Refunds go to Billing");
  const page = await settings(t, `bot-rules/${id}`);
  await page.getByRole("button", { name: "Remove refund" }).first().click();
  await page.getByLabel("Message", { exact: true }).fill("refund");
  await page.getByRole("checkbox", { name: "It is their first message" }).uncheck();
  await page.getByRole("button", { name: "Try" }).click();
  await page.getByTestId("outcome").getByText("fits").waitFor();
  assert.equal(await page.getByTestId("outcome").getByText("“Refunds go to Billing” fits").count(), 0);
});
