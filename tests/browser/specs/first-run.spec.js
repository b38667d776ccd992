// A hub that nobody has used yet: its page makes the first account, once.
import assert from "node:assert/strict";

import { startHub } from "../harness/hub.js";
import { test } from "../harness/test.js";
import { axe, open, shot, until, visitor } from "../harness/world.js";

test("first run: the printed address makes the first account, once, and its owner signs in", { timeout: 150_000 }, async (t) => {
  const hub = await startHub({ args: [] });
  t.after(() => hub.stop());
  const address = await until(() => hub.log.match(/http:\S+\/setup#\S+/)?.[0], "the set-up address is printed");
  const context = await visitor(t);
  const page = await open(t, context, address.replace(/#.*/, "#wrong"), { expected: /status of 4\d\d|favicon/ });
  for (const theme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: theme });
    await shot(page, `setup-${theme}`);
    assert.deepEqual(await axe(page), []);
  }
  const fill = async () => {
    await page.getByLabel("Organisation").fill("Abol Coffee");
    await page.getByLabel("Your e-mail address").fill("me@abol.example");
    await page.getByLabel(/^Password/).fill("a long password");
    await page.keyboard.press("Enter");
  };
  await fill();
  const told = page.getByRole("status");
  await until(async () => (await told.innerText()).length > 0, "a wrong address is refused with a reason");
  assert.equal(await page.getByRole("link", { name: "Sign in" }).count(), 0);

  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(address);
  await page.reload();
  await shot(page, "setup-dark-360");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await fill();
  await told.getByText("Done.").waitFor();
  assert.ok(!page.url().includes("#"), "the token is in the address no longer");
  await shot(page, "setup-done-dark-360");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/sign-in");
  await page.locator("input[type=email]").fill("me@abol.example");
  await page.locator("input[type=password]").fill("a long password");
  await page.keyboard.press("Enter");
  await page.getByText("Nothing here").first().waitFor();
  await shot(page, "inbox-empty-dark-360");

  // its page would complain of a hub that is gone
  await context.close();

  const again = await fetch(`${hub.url}/v1/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: address.split("#")[1], account_name: "Another", email: "you@abol.example", password: "a long password" }),
  });
  assert.ok(again.status >= 400 && again.status < 500, `it works once, and answers ${again.status} then`);
});
