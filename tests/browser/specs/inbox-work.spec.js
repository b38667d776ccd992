// A day at the composer and in the views: drafts, keys, files, hints, mentions, teams, and what colleagues see.
import assert from "node:assert/strict";

import { Agent, PASSWORD, signIn } from "../harness/api.js";
import { customer } from "../harness/customer.js";
import { inbox } from "../harness/inbox.js";
import { sms } from "../harness/sandbox.js";
import { test } from "../harness/test.js";
import { asOwner, shot, until, world } from "../harness/world.js";

const thread = (page) => page.locator("[data-timeline]");
const bubble = (page, text) => thread(page).locator("[data-message]", { hasText: text });
const box = (page) => page.getByRole("combobox", { name: /Reply to the customer|Private note/ });
const count = async (page, view) => Number((await page.locator(`[data-count="${view}"]`).allInnerTexts())[0] ?? 0);
const userOf = async (email) => (await (await asOwner())("GET", `/v1/users?filter=email:eq:${email}`))[0];

async function opens(page, id) {
  await page.goto(`${world.hub.url}/inbox/all/${id}`);
  await thread(page).locator("[data-message]").first().waitFor();
}

/** Hands files to the page as a person's paste or drop does. */
const hand = (target, kind, files) => target.evaluate((element, [event, given]) => {
  const data = new DataTransfer();
  for (const { name, type, text } of given) data.items.add(new File([text], name, { type }));
  const made = event === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true });
  element.dispatchEvent(made);
}, [kind, files]);

test("inbox: each conversation keeps its own draft, and its own mode", { timeout: 120_000 }, async (t) => {
  const [one, two] = await Promise.all(["First", "Second"].map(async (name) => (await customer(t, { name })).say("hello")));
  const page = await inbox(t, "/", { as: "ruth" });
  await opens(page, one);
  await box(page).fill("for the first");
  await page.locator(`[data-conversation="${two}"]`).click();
  await page.waitForURL((url) => url.pathname.endsWith(two));
  await until(async () => (await box(page).inputValue()) === "");
  await page.getByRole("button", { name: "Note", exact: true }).click();
  await box(page).fill("a note on the second");
  await page.locator(`[data-conversation="${one}"]`).click();
  await until(async () => (await box(page).inputValue()) === "for the first");
  assert.equal(await page.locator("[data-mode]").getAttribute("data-mode"), "reply");
  // also in another tab, and it is gone once it is sent
  const other = await page.context().newPage();
  await other.goto(`${world.hub.url}/inbox/all/${two}`);
  await until(async () => (await box(other).inputValue()) === "a note on the second");
  assert.equal(await other.locator("[data-mode]").getAttribute("data-mode"), "note");
  await box(page).press("Enter");
  await bubble(page, "for the first").waitFor();
  await page.reload();
  await thread(page).locator("[data-message]").first().waitFor();
  assert.equal(await box(page).inputValue(), "");
});

test("inbox: Enter sends, or makes a line, as one likes, also after a reload", { timeout: 120_000 }, async (t) => {
  const almaz = await customer(t, { name: "Keys" });
  const id = await almaz.say("hello");
  const page = await inbox(t, "/", { as: "samuel" });
  await opens(page, id);
  await box(page).fill("one");
  await box(page).press("Shift+Enter");
  await box(page).pressSequentially("two");
  await box(page).press("Enter");
  assert.equal((await almaz.hears("one")).content, "one\ntwo");

  await page.getByRole("button", { name: /Samuel.*, (Online|Away|Offline)/ }).click();
  await page.getByRole("menuitem", { name: "Send with" }).click();
  await page.getByRole("menuitemradio", { name: /Ctrl \+ Enter/ }).click();
  await page.reload();
  await thread(page).locator("[data-message]").first().waitFor();
  await box(page).fill("three");
  await box(page).press("Enter");
  assert.equal(await box(page).inputValue(), "three\n", "Enter makes a line now");
  await box(page).press("Control+Enter");
  await almaz.hears("three");
});

test("inbox: files are pasted and dropped, an emoji is found by name", { timeout: 120_000 }, async (t) => {
  const almaz = await customer(t, { name: "Files" });
  const id = await almaz.say("hello");
  const page = await inbox(t, "/", { as: "hanna" });
  await opens(page, id);
  await hand(box(page), "paste", [{ name: "screen.png", type: "image/png", text: "not really a picture" }]);
  await page.locator("[data-upload=done]", { hasText: "screen.png" }).waitFor();
  const middle = page.getByRole("region", { name: "Conversation" }).or(page.locator("section:has([data-timeline])")).first();
  await hand(middle, "dragover", [{ name: "price list.txt", type: "text/plain", text: "Guji 680" }]);
  await page.getByText("Drop").first().waitFor();
  await shot(page, "inbox-drop-light");
  await hand(middle, "drop", [{ name: "price list.txt", type: "text/plain", text: "Guji 680" }]);
  await page.locator("[data-upload=done]", { hasText: "price list.txt" }).waitFor();
  await page.getByRole("button", { name: "Emoji" }).click();
  await page.getByLabel("Find an emoji").fill("thumbs");
  await page.keyboard.press("Enter");
  await until(async () => /\p{Extended_Pictographic}/u.test(await box(page).inputValue()), "the emoji is in the text");
  await box(page).press("Enter");
  const got = await until(() => almaz.heard.find(({ attachments }) => attachments?.length === 2), "both files come with one message");
  assert.deepEqual(got.attachments.map(({ filename }) => filename).sort(), ["price list.txt", "screen.png"]);
});

test("inbox: a text message is counted as the network counts it", { timeout: 120_000 }, async (t) => {
  const bekele = await sms({ name: "Counted" });
  const id = await bekele.say("hello");
  const page = await inbox(t, "/", { as: "ruth" });
  await opens(page, id);
  const segments = page.locator("[data-segments]");
  const says = async (text, expected, words) => {
    await box(page).fill(text);
    await until(async () => (await segments.getAttribute("data-segments")) === String(expected), `${expected} SMS for ${text.length} signs`);
    assert.match(await segments.innerText(), words);
  };
  await says("a".repeat(160), 1, /1 SMS · 0 left · GSM-7/);
  await says("a".repeat(161), 2, /2 SMS · 145 left · GSM-7/);
  await says("€".repeat(80), 1, /1 SMS · 0 left/);
  await says("ሰ".repeat(71), 2, /2 SMS · 63 left · UCS-2/);
  await shot(page, "inbox-sms-light");
  await page.getByRole("button", { name: "Note", exact: true }).click();
  assert.equal(await segments.count(), 0, "a note is sent nowhere");
  await page.getByRole("button", { name: "Reply", exact: true }).click();
  await box(page).fill("");
});

test("inbox: who is mentioned is called and finds it among the mentions", { timeout: 120_000 }, async (t) => {
  const almaz = await customer(t, { name: "Mentioned" });
  const id = await almaz.say("hello");
  const ruth = await inbox(t, "/inbox/mentions", { as: "ruth" });
  await ruth.locator("[data-view=mentions]").waitFor();
  const before = await count(ruth, "mentions");
  const page = await inbox(t, "/", { as: "samuel" });
  await opens(page, id);
  await page.getByRole("button", { name: "Note", exact: true }).click();
  await box(page).pressSequentially("please look @Ru");
  await page.getByRole("option", { name: /Ruth/ }).waitFor();
  await box(page).press("Enter");
  await box(page).press("Enter");
  await thread(page).locator("[data-kind=note]", { hasText: "please look @Ruth" }).waitFor();
  await until(async () => (await count(ruth, "mentions")) === before + 1, "the view counts it");
  await ruth.locator(`[data-conversation="${id}"]`).waitFor();
  assert.ok(!almaz.heard.some(({ content }) => content.includes("please look")));
});

test("inbox: a team's view counts what is the team's, and colleagues see who looks and types", { timeout: 120_000 }, async (t) => {
  const call = await asOwner();
  const team = await call("POST", "/v1/teams", { name: `Roastery ${Date.now()}` });
  const hanna = await userOf("hanna@demo.example");
  await call("POST", `/v1/teams/${team.id}/members`, { user_id: hanna.id });
  const almaz = await customer(t, { name: "For the team" });
  const id = await almaz.say("hello");
  const page = await inbox(t, `/inbox/${team.id}`, { as: "owner" });
  await page.locator(`[data-view="${team.id}"]`).waitFor();
  assert.equal(await count(page, team.id), 0);
  await call("POST", `/v1/conversations/${id}/assign`, { team_id: team.id });
  await page.locator(`[data-conversation="${id}"]`).waitFor();
  await until(async () => (await count(page, team.id)) === 1, "the team's number rises");

  const agent = await Agent.start(world.hub);
  t.after(() => agent.close());
  await page.locator(`[data-conversation="${id}"]`).click();
  await agent.ask("conversation:join", { conversation_id: id });
  await page.locator("[data-viewers]", { hasText: "Hanna" }).waitFor();
  await agent.ask("conversation:typing:start", { conversation_id: id });
  await page.getByText(/Hanna.*(is typing|types)/).waitFor();
  await almaz.ask("conversation:typing:start", {});
  await page.getByText(/customer (is typing|types)/i).waitFor();
  await agent.ask("conversation:status", { conversation_id: id, status: "resolved" });
  await until(async () => (await count(page, team.id)) === 0, "what is resolved is counted no longer");
});

test("inbox: who belongs to two accounts goes from one to the other, on a phone too", { timeout: 120_000 }, async (t) => {
  const call = await asOwner();
  const email = `two-${Date.now()}@demo.example`;
  await call("POST", "/v1/users", { email, password: PASSWORD, given_name: "Two", family_name: "Places", role: "owner" });
  const theirs = await signIn(world.hub, email);
  await theirs.call("POST", "/v1/accounts", { name: "Second shop" });
  const almaz = await customer(t, { name: "Of the first account" });
  const id = await almaz.say("hello");
  for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 800 }]) {
    const page = await inbox(t, "/inbox/all", { as: email, viewport });
    const goesTo = async (name) => {
      await page.getByRole("button", { name: /^Account: / }).click();
      await page.getByRole("menuitemradio", { name: new RegExp(name) }).click();
      await page.getByRole("button", { name: `Account: ${name}` }).waitFor();
      await page.goto(`${world.hub.url}/inbox/all`);
    };
    await goesTo("Turumba Demo");
    await page.locator(`[data-conversation="${id}"]`).waitFor();
    await goesTo("Second shop");
    await page.getByText("Nothing here").first().waitFor();
    assert.equal(await page.locator("[data-conversation]").count(), 0, "nothing of the other account is shown");
  }
});

test("inbox: filters, order and search are the address; going back undoes them", { timeout: 120_000 }, async (t) => {
  const call = await asOwner();
  const mark = `Sorted${Date.now() % 100_000}`;
  const [calm, hot] = await Promise.all(["calm", "hot"].map(async (text) => (await sms({ name: `${mark} ${text}` })).say(text)));
  await call("PATCH", `/v1/conversations/${hot}`, { priority: "urgent" });
  const page = await inbox(t, "/inbox/all", { as: "owner" });
  await page.getByRole("searchbox").fill(mark);
  await page.waitForURL(/q=Sorted/);
  const rows = () => page.locator("[data-conversation]").evaluateAll((all) => all.map((row) => row.dataset.conversation));
  await until(async () => (await rows()).length === 2);
  await page.getByRole("button", { name: /^Order/ }).click();
  await page.getByRole("menuitemradio", { name: /Priority/ }).click();
  await page.waitForURL(/sort=priority/);
  await until(async () => (await rows()).join() === [hot, calm].join(), "the urgent one is first");
  // whoever gets the address sees the same
  const other = await page.context().newPage();
  await other.goto(page.url());
  await until(async () => (await other.locator("[data-conversation]").first().getAttribute("data-conversation")) === hot);
  assert.equal(await other.getByRole("searchbox").inputValue(), mark);
  await page.goBack();
  await page.waitForURL((url) => !url.search.includes("sort"));
});

test("inbox: whether one is there is said in one's own menu, and colleagues see it", { timeout: 90_000 }, async (t) => {
  const agent = await Agent.start(world.hub, "owner@demo.example");
  t.after(() => agent.close());
  const ruth = await userOf("ruth@demo.example");
  const page = await inbox(t, "/inbox/mine", { as: "ruth" });
  const menu = page.getByRole("button", { name: /^Ruth Alemu, / });
  await menu.click();
  await page.getByRole("menuitemradio", { name: "Away" }).click();
  await page.getByRole("button", { name: "Ruth Alemu, Away" }).waitFor();
  await agent.hear("agent:presence", ({ agents }) => agents.some(({ user_id, status }) => user_id === ruth.id && status === "away"));
  agent.forget();
  await menu.click();
  await page.getByRole("menuitemradio", { name: "Online" }).click();
  await page.getByRole("button", { name: "Ruth Alemu, Online" }).waitFor();
  await agent.hear("agent:presence", ({ agents }) => agents.some(({ user_id, status }) => user_id === ruth.id && status === "online"));
});
