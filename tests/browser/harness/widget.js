// The widget as a visitor handles it.
import { carrying, site } from "./site.js";
import { open, until, visitor, webchat, world } from "./world.js";

/** The frame of the chat; it appears when the chat is wanted. */
export async function frameOf(page) {
  const frame = await until(() => page.frames().find((one) => one.url().includes("/widget/")), "the chat's frame");
  await frame.waitForLoadState();
  return frame;
}

/** Waits for the launcher; it lives in a closed shadow tree, so only its host can be found. */
export async function launcher(page) {
  await page.locator("turumba-chat").waitFor({ state: "attached" });
  return page.locator("turumba-chat");
}

/** Clicks the launcher where it is seen, as a person would. */
export async function clickLauncher(page, { side = "right" } = {}) {
  await launcher(page);
  const { width, height } = page.viewportSize();
  await page.mouse.click(side === "right" ? width - 48 : 48, height - 48);
}

/** Opens the chat and waits until it is connected. */
export async function openChat(page) {
  await clickLauncher(page);
  const frame = await frameOf(page);
  await frame.locator("header .there, header .away").waitFor();
  return frame;
}

export async function write(frame, text) {
  await frame.locator("textarea").first().fill(text);
  await frame.locator("textarea").first().press("Enter");
}

/** The messages that are shown, as `me: text` and `Name: text`. */
export const shown = (frame) => frame.locator("article").evaluateAll((rows) => rows.flatMap((row) => {
  const text = row.querySelector(".bubble")?.textContent;
  return text === undefined ? [] : [`${row.classList.contains("own") ? "me" : "they"}: ${text}`];
}));

/** A chat of its own on a page of another origin, opened by a new visitor. */
export async function chat(t, { settings, credentials, page: look, context: options, hub = world.hub.url, expected } = {}) {
  const channel = await webchat(settings, credentials);
  const shop = await site({ "/": carrying(hub, channel.key, look), "/other": carrying(hub, channel.key, look) });
  t.after(() => shop.close());
  const context = await visitor(t, options);
  const errors = [];
  const page = await open(t, context, shop.url, { expected, uncaught: errors });
  return { channel, shop, context, page, errors };
}
