// What an agent does with a conversation beside answering it, and the whole of it without a mouse.
import assert from "node:assert/strict";

import { customer } from "../harness/customer.js";
import { inbox } from "../harness/inbox.js";
import { sms } from "../harness/sandbox.js";
import { test } from "../harness/test.js";
import { asOwner, axe, shot, until, world } from "../harness/world.js";

const thread = (page) => page.locator("[data-timeline]");
const bubble = (page, text) => thread(page).locator("[data-message]", { hasText: text });
const box = (page) => page.getByRole("combobox", { name: /Reply to the customer|Private note/ });
const state = (page) => page.locator("header [data-standing]");
const stands = (page, standing) => until(async () => (await state(page).getAttribute("data-standing")) === standing, `it is ${standing}`);
const panelOf = (page) => page.getByRole("complementary", { name: "Contact" });

async function opens(page, id) {
  await page.goto(`${world.hub.url}/inbox/all/${id}`);
  await thread(page).locator("[data-message]").first().waitFor();
}

test("inbox: a conversation is given to an agent and a team, marked, set aside, handed back and closed", { timeout: 180_000 }, async (t) => {
  const call = await asOwner();
  const bekele = await sms({ name: "Given away" });
  const id = await bekele.say("hello");
  const stored = () => call("GET", `/v1/conversations/${id}`);
  const page = await inbox(t, "/", { as: "owner" });
  await opens(page, id);
  const choose = async (menu, ...path) => {
    await page.locator("header").getByRole("button", { name: menu, exact: true }).click();
    for (const name of path) await page.getByRole(/menuitem/.test(name.role) ? name.role : "menuitem", { name: name.name ?? name }).first().click();
  };
  const [hanna] = await call("GET", "/v1/users?filter=email:eq:hanna@demo.example");
  const [billing] = await call("GET", "/v1/teams?filter=name:eq:Billing");

  await choose("Assign", { role: "menuitemradio", name: "Hanna Tadesse" });
  await until(async () => (await stored()).assignee_id === hanna.id);
  await page.locator("header").getByText("Hanna Tadesse").waitFor();
  await choose("Assign", { role: "menuitemradio", name: "Billing" });
  await until(async () => (await stored()).team_id === billing.id);

  await choose("More", "Priority", { role: "menuitemradio", name: "Urgent" });
  await until(async () => (await stored()).priority === "urgent");
  await page.locator("header").getByRole("img", { name: "Urgent" }).waitFor();

  // labels are put on and taken off where the contact stands
  const panel = panelOf(page);
  await panel.getByRole("button", { name: "Labels" }).click();
  await page.getByRole("menuitemcheckbox", { name: "delivery" }).click();
  await page.getByRole("menuitemcheckbox", { name: "refund" }).click();
  await page.keyboard.press("Escape");
  await until(async () => (await stored()).labels.sort().join() === "delivery,refund");
  await panel.getByRole("button", { name: "Remove the label refund" }).click();
  await until(async () => (await stored()).labels.join() === "delivery");
  await page.locator(`[data-conversation="${id}"]`).getByText("delivery").waitFor();

  await choose("More", "Set to pending");
  await stands(page, "pending");
  await choose("More", "No longer pending");
  await stands(page, "assigned");
  await choose("More", "Back to the queue");
  await until(async () => (await stored()).assignee_id !== hanna.id || (await stored()).status === "open");
  await choose("More", "Close for good");
  await page.getByRole("alertdialog").or(page.getByRole("dialog")).getByRole("button", { name: "Close for good" }).click();
  await stands(page, "closed");
  await page.getByText("This conversation is closed", { exact: false }).first().waitFor();
  assert.equal(await box(page).count(), 0, "nothing can be written to it");
});

test("inbox: a picture is looked at, other conversations are a press away, and the routing explains itself", { timeout: 120_000 }, async (t) => {
  const call = await asOwner();
  const almaz = await customer(t, { name: "Shows a picture" });
  const id = await almaz.say("refund please");
  const page = await inbox(t, "/", { as: "owner" });
  await opens(page, id);
  // a picture with something in it, made here
  const picture = Buffer.from(await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
    const draw = canvas.getContext("2d");
    draw.fillStyle = "#389cf7";
    draw.fillRect(8, 8, 48, 32);
    return canvas.toDataURL("image/png").split(",")[1];
  }), "base64");
  await page.locator("input[type=file]").setInputFiles({ name: "map.png", mimeType: "image/png", buffer: picture });
  await page.locator("[data-upload=done]", { hasText: "map.png" }).waitFor();
  await box(page).fill("Here is where we are");
  await box(page).press("Enter");
  await almaz.hears("Here is where we are");
  const seen = bubble(page, "Here is where we are");
  await until(() => seen.locator("img").first().evaluate((image) => image.naturalWidth > 0), "it is shown in the thread");
  await seen.getByRole("button", { name: "Look at map.png" }).click();
  const large = page.getByRole("dialog");
  await until(() => large.locator("img").evaluate((image) => image.naturalWidth === 64), "it is shown whole");
  await shot(page, "inbox-picture-light");
  await page.keyboard.press("Escape");
  await large.waitFor({ state: "detached" });

  // why it is here: the rule, and who could have had it
  await panelOf(page).getByText(/Refunds go to Billing/).first().waitFor();

  // a second conversation of the same contact
  const { contact_id } = await call("GET", `/v1/conversations/${id}`);
  const channel = await call("POST", "/v1/channels", { name: `Other ${Date.now()}`, channel_type: "sms", provider: "sandbox" });
  const other = await call("POST", "/v1/messages", { channel_id: channel.id, contact_id, delivery_address: "+251935088001", message_body: "By text message, too" });
  await page.reload();
  await panelOf(page).getByRole("link", { name: /By text message, too/ }).click();
  await page.waitForURL((url) => url.pathname.endsWith(other.conversation_id));
  await bubble(page, "By text message, too").waitFor();
});

test("inbox: what the hub refuses keeps its text, and each channel says how long it may be", { timeout: 120_000 }, async (t) => {
  const almaz = await customer(t, { name: "Too long" });
  const id = await almaz.say("hello");
  const page = await inbox(t, "/", { as: "owner" });
  await opens(page, id);
  // far from the end there is nothing to say; near it, and beyond it, there is
  const hints = page.locator("[data-hints]");
  await box(page).fill("x".repeat(7_000));
  assert.equal(await hints.innerText(), "");
  await box(page).fill("x".repeat(9_000));
  await hints.getByText("9,000 / 10,000").waitFor();
  // longer than any message may be
  const long = "x".repeat(20_001);
  await box(page).fill(long);
  await hints.getByText("20,001 / 10,000").waitFor();
  await box(page).press("Enter");
  const refused = thread(page).locator("[data-pending]");
  await refused.getByText(/Not sent:/).waitFor();
  await shot(page, "inbox-refused-light");
  await refused.getByRole("button", { name: "Edit" }).click();
  await until(async () => (await box(page).inputValue()) === long, "the text is back where one writes");
  await box(page).fill("short enough");
  await box(page).press("Enter");
  await almaz.hears("short enough");
  assert.equal(await refused.count(), 0);
});

test("inbox: a day's work without a mouse", { timeout: 120_000 }, async (t) => {
  const almaz = await customer(t, { name: "By keyboard" });
  const id = await almaz.say("hello");
  const page = await inbox(t, "/", { as: "hanna" });
  await page.locator("[data-list], [data-conversation]").or(page.getByText("Nothing here")).first().waitFor();
  const keys = async (...all) => {
    for (const key of all) await page.keyboard.press(key);
  };
  await keys("g", "a");
  await page.waitForURL(/\/inbox\/all/);
  await keys("f");
  await page.keyboard.type("By keyboard");
  await page.waitForURL(/q=By/);
  await page.locator(`[data-conversation="${id}"]`).waitFor();
  await keys("Enter", "Escape", "Escape");
  await page.waitForURL((url) => !url.pathname.includes(id));
  await keys("f");
  await page.keyboard.type("By keyboard");
  await until(async () => (await page.locator("[data-conversation]").count()) === 1);
  // from the box into the list
  await page.evaluate(() => document.activeElement.blur());
  await keys("j");
  await page.waitForURL((url) => url.pathname.endsWith(id));
  await thread(page).locator("[data-message]").first().waitFor();
  await keys("a");
  await stands(page, "assigned");
  await keys("n");
  await page.keyboard.type("a note by keys");
  await keys("Enter");
  await thread(page).locator("[data-kind=note]", { hasText: "a note by keys" }).waitFor();
  await keys("Escape", "r");
  await page.keyboard.type("an answer by keys");
  await keys("Enter");
  await almaz.hears("an answer by keys");
  assert.ok(!almaz.heard.some(({ content }) => content.includes("note by keys")));
  // where the focus is can be seen
  await keys("Escape", "Tab");
  const ring = await page.evaluate(() => {
    const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement);
    return document.activeElement !== document.body && (outlineStyle !== "none" || boxShadow !== "none");
  });
  assert.ok(ring, "what has the focus shows it");
  await page.evaluate(() => document.activeElement.blur());
  await keys("p");
  await stands(page, "pending");
  await keys("e");
  await stands(page, "resolved");
  await keys("e");
  await until(async () => (await state(page).getAttribute("data-standing")) !== "resolved");
  await keys("c");
  await panelOf(page).waitFor({ state: "detached" });
  await keys("c");
  await panelOf(page).waitFor();
  await keys("Control+k");
  await page.getByRole("dialog").waitFor();
  assert.deepEqual(await axe(page), []);
  await keys("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});
