// Every page of the settings in both themes and at two widths: pictures to be looked at, nothing that scrolls
// sideways, and nothing serious for axe.
import assert from "node:assert/strict";

import { englishOn, inbox } from "../harness/inbox.js";
import { test } from "../harness/test.js";
import { asOwner, axe, shot, world } from "../harness/world.js";

async function pages() {
  const call = await asOwner();
  const [channels, rules, teams, users] = await Promise.all(
    ["channels", "bot-rules", "teams", "users"].map((name) => call("GET", `/v1/${name}?limit=200`)));
  const sms = channels.find((one) => one.name === "Sandbox SMS");
  const chat = channels.find((one) => one.name === "Web site chat");
  const rule = rules.find((one) => one.name === "Refunds go to Billing");
  const team = teams.find((one) => one.name === "Billing");
  const hanna = users.find((one) => one.email === "hanna@demo.example");
  return {
    "settings": "", "profile": "profile", "availability": "availability",
    "channels": "channels", "channel-picker": "channels/new", "channel-new": "channels/new?provider=sms/twilio",
    "channel": `channels/${sms.id}`, "webchats": "webchat", "webchat": `webchat/${chat.id}`,
    "bot-rules": "bot-rules", "bot-rule": `bot-rules/${rule.id}`,
    "canned": "canned-responses", "canned-new": "canned-responses?open=new",
    "labels": "labels", "label-new": "labels?open=new",
    "agents": "agents", "agent-new": "agents?open=new", "agent": `agents/${hanna.id}`,
    "teams": "teams", "team": `teams?open=${team.id}`, "roles": "roles", "role-new": "roles?open=new",
    "account": "account", "api-keys": "api-keys", "api-key-new": "api-keys?open=new",
  };
}

for (const [theme, width, height] of [["dark", 1440, 900], ["light", 1440, 900], ["dark", 400, 800], ["light", 400, 800]]) {
  test(`settings: look: ${theme}, ${width} px`, { timeout: 240_000 }, async (t) => {
    const page = await inbox(t, "/settings", {
      viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce",
      // a picture of a page that is left before all of it came
      expected: /ERR_ABORTED/,
    });
    // contrast differs by theme and layout by width: two of the four see both
    const isAudited = (theme === "dark") === (width > 1000);
    const found = [];
    for (const [name, path] of Object.entries(await pages())) {
      await page.goto(`${world.hub.url}/settings/${path}`.replace(/\/$/, ""));
      await page.locator("h1:visible, h2:visible").first().waitFor();
      await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
      await shot(page, `settings-${name}-${theme}-${width}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (over > 0) found.push(`${name}: ${over} px too wide`);
      if (isAudited) found.push(...(await axe(page)).map((finding) => `${name}: ${finding}`));
    }
    assert.deepEqual(found, []);
  });
}

test("settings: look: in Amharic", async (t) => {
  const page = await inbox(t, "/settings", { init: () => localStorage.setItem("turumba.language", "am") });
  const found = [];
  for (const [name, path] of Object.entries(await pages())) {
    await page.goto(`${world.hub.url}/settings/${path}`.replace(/\/$/, ""));
    await page.locator("h1:visible, h2:visible").first().waitFor();
    await shot(page, `settings-${name}-am`);
    // a key that has no text is shown as it is
    const keys = await page.evaluate(() => document.body.innerText.match(/\b[a-z_]+\.[a-z_]+\.[a-z_.]+\b/g) ?? []);
    assert.deepEqual(keys.filter((key) => !key.includes("http") && !/example|json/.test(key)), [], name);
    found.push(...(await englishOn(page)).map((text) => `${name}: ${text}`));
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (over > 0) found.push(`${name}: ${over} px too wide`);
  }
  assert.deepEqual(found, []);
});
