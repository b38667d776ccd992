// Every page beside the inbox's own and the settings, in both themes and at two widths: pictures to be looked at, and
// nothing that scrolls sideways.
import assert from "node:assert/strict";

import { Agent } from "../harness/api.js";
import { customer } from "../harness/customer.js";
import { englishOn, inbox } from "../harness/inbox.js";
import { sms } from "../harness/sandbox.js";
import { test } from "../harness/test.js";
import { axe, open, shot, visitor, webchat, world } from "../harness/world.js";

const sticksOut = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

for (const [theme, width, height] of [["dark", 1440, 900], ["light", 1440, 900], ["dark", 360, 740], ["light", 360, 740]]) {
  const options = { colorScheme: theme, viewport: { width, height }, reducedMotion: "reduce" };
  const name = (what) => `${what}-${theme}-${width}`;

  test(`pages: look: ${theme}, ${width} px: the hub's own pages`, { timeout: 180_000 }, async (t) => {
    const { key } = await webchat({ team_name: "Abol Coffee" });
    const found = [];
    const context = await visitor(t, options);
    for (const [what, path] of Object.entries({
      "sign-in": "/sign-in", "demo": `/demo#${key}`, "sandbox": "/sandbox", "connections": "/connections",
      "docs": "/docs", "docs-sockets": "/docs/sockets",
    })) {
      const page = await open(t, context, world.hub.url + path, { expected: /favicon|status of 40|ERR_ABORTED/ });
      await page.locator("h1:visible, h2:visible, form:visible").first().waitFor();
      await shot(page, name(what));
      const over = await sticksOut(page);
      if (over > 0) found.push(`${what}: ${over} px too wide`);
      found.push(...(await axe(page)).map((finding) => `${what}: ${finding}`));
      await page.close();
    }
    assert.deepEqual(found, []);
  });

  test(`pages: look: ${theme}, ${width} px: the phone and the connections, signed in`, { timeout: 120_000 }, async (t) => {
    const bekele = await sms({ name: "Bekele Girma" });
    await bekele.say("Is my order on its way?");
    const found = [];
    const context = await visitor(t, options);
    const look = async (page, what) => {
      await shot(page, name(what));
      const over = await sticksOut(page);
      if (over > 0) found.push(`${what}: ${over} px too wide`);
      found.push(...(await axe(page)).map((finding) => `${what}: ${finding}`));
    };
    const phone = await open(t, context, `${world.hub.url}/sandbox`, { expected: /favicon|status of 40/ });
    await phone.getByRole("button", { name: "Go in as its owner" }).click();
    await phone.getByLabel("Sandbox channel").selectOption({ label: await phone.locator("#channel option", { hasText: "Sandbox SMS" }).first().innerText() });
    await phone.getByLabel("Message", { exact: true }).fill("Do you deliver to Adama?");
    await phone.getByRole("button", { name: "Send", exact: true }).click();
    await phone.getByRole("log").getByText("Do you deliver to Adama?").waitFor();
    await phone.evaluate(() => scrollTo(0, 0));
    await look(phone, "sandbox-phone");
    // somebody is there to be seen
    const agent = await Agent.start(world.hub);
    t.after(() => agent.close());
    const connections = await open(t, context, `${world.hub.url}/connections`, { expected: /favicon|status of 40/ });
    const isOut = await connections.getByLabel("E-mail").isVisible();
    if (isOut) {
      await connections.getByLabel("E-mail").fill("owner@demo.example");
      await connections.getByLabel("Password").fill("turumba-demo");
      await connections.getByRole("button", { name: "Sign in" }).click();
    }
    await connections.locator("#rows tr").first().waitFor();
    await look(connections, "connections-list");
    assert.deepEqual(found, []);
  });

  test(`pages: look: ${theme}, ${width} px: what opens above the inbox`, { timeout: 180_000 }, async (t) => {
    const almaz = await customer(t, { name: "Tigist Haile" });
    const id = await almaz.say("refund please");
    const page = await inbox(t, `/inbox/all/${id}`, { ...options, as: "owner" });
    await page.locator("[data-message]").first().waitFor();
    const found = [];
    const picture = async (what) => {
      await shot(page, name(what));
      const over = await sticksOut(page);
      if (over > 0) found.push(`${what}: ${over} px too wide`);
    };
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await picture("palette");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await picture("shortcuts");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    if (width < 1280) {
      await page.getByRole("button", { name: "Show the contact" }).click();
      await page.getByRole("dialog").waitFor();
      await picture("inbox-panel");
    }
    await page.getByRole("button", { name: "Edit the contact" }).click();
    await page.getByLabel("Tags").waitFor();
    await picture("inbox-contact-form");
    assert.deepEqual(found, []);
  });
}

for (const [width, height] of [[1440, 900], [360, 740]]) {
  test(`pages: look: the inbox in Amharic, ${width} px`, { timeout: 120_000 }, async (t) => {
    const almaz = await customer(t, { name: "ትግስት ኃይሌ" });
    const id = await almaz.say("ሰላም");
    const page = await inbox(t, `/inbox/all/${id}`, {
      as: "hanna", viewport: { width, height }, init: () => localStorage.setItem("turumba.language", "am"),
    });
    await page.locator("[data-message]").first().waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "am");
    const found = [];
    const look = async (what) => {
      await shot(page, `${what}-am-${width}`);
      // a key that has no text is shown as it is
      const keys = await page.evaluate(() => document.body.innerText.match(/\b[a-z]+\.[a-zA-Z]+(\.[a-zA-Z]+)*\b/g) ?? []);
      found.push(...keys.filter((key) => !/example|demo/.test(key)), ...(await englishOn(page)).map((text) => `${what}: ${text}`));
      if ((await sticksOut(page)) > 0) found.push(`${what}: too wide`);
    };
    await look("inbox");
    for (const [what, keys] of [["palette", "Control+k"], ["shortcuts", "?"]]) {
      await page.keyboard.press(keys);
      await page.getByRole("dialog").waitFor();
      await look(what);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    assert.deepEqual(found, []);
  });
}
