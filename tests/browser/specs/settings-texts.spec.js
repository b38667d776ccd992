// Labels and canned responses: what the inbox speaks with.
import assert from "node:assert/strict";

import { inbox } from "../harness/inbox.js";
import { test } from "../harness/test.js";
import { asOwner, until } from "../harness/world.js";

// refusals are answered with 4xx, which browsers write to their console
const REFUSED = /the server responded with a status of 4\d\d/;
const settings = (t, path, more) => inbox(t, `/settings/${path}`, { expected: REFUSED, ...more });
const errorOf = (page, text) => page.getByRole("alert").filter({ hasText: text });

test("settings: labels: are made, refused, changed and deleted", async (t) => {
  const page = await settings(t, "labels");
  await page.getByRole("button", { name: "New label" }).click();
  await page.getByLabel("Name").fill("   ");
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "This must be filled in").waitFor();
  await page.getByLabel("Name").fill("warranty");
  await page.getByLabel("Colour", { exact: true }).fill("blue");
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "A colour is written like #389CF7").waitFor();
  await page.getByLabel("Colour", { exact: true }).fill("#22C55E");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "warranty", exact: true }).waitFor();

  // what the hub refuses stands at its field, and what was typed stays
  await page.getByRole("button", { name: "New label" }).click();
  await page.getByLabel("Name").fill("warranty");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByLabel("Name").and(page.locator("[aria-invalid=true]")).waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "warranty");
  await page.getByLabel("Name").fill("guarantee");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "guarantee", exact: true }).click();
  await page.getByLabel("Name").fill("guarantees");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "guarantees", exact: true }).waitFor();

  await page.getByRole("button", { name: "Actions for guarantees" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "guarantees", exact: true }).waitFor({ state: "detached" });
  const call = await asOwner();
  const names = (await call("GET", "/v1/labels")).map((label) => label.name);
  assert.ok(names.includes("warranty") && !names.includes("guarantees"), names.join());
});

test("settings: canned responses: are refused with a text, saved, and found by the agent's short code", async (t) => {
  const page = await settings(t, "canned-responses");
  await page.getByRole("button", { name: "New canned response" }).click();
  await page.getByLabel("Short code").fill("two words");
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "Letters and digits without spaces").waitFor();
  assert.equal(await errorOf(page, "This must be filled in").count(), 2);
  // a slash that is typed by habit does no harm
  await page.getByLabel("Short code").fill("/hello");
  await page.getByLabel("Title").fill("Return address");
  await page.getByLabel("Text").fill("Send it to us, ");
  await page.getByRole("button", { name: "Insert variable" }).click();
  await page.getByRole("menuitem", { name: /Contact's name/ }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByLabel("Short code").and(page.locator("[aria-invalid=true]")).waitFor();
  assert.equal(await page.getByLabel("Text").inputValue(), "Send it to us, {{ contact.name }}");
  await page.getByLabel("Short code").fill("address");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "/address", exact: true }).waitFor();
  const call = await asOwner();
  const [hit] = await call("GET", "/v1/canned-responses/search?q=address");
  assert.equal(hit.title, "Return address");
});

test("settings: canned responses: what was typed is not lost by a failed save nor by closing", async (t) => {
  const page = await settings(t, "canned-responses?open=new", { expected: /status of|ERR_FAILED/ });
  await page.route("**/v1/canned-responses**", (route) =>
    route.request().method() === "POST" ? route.abort() : route.fallback());
  await page.getByLabel("Short code").fill("offline");
  await page.getByLabel("Title").fill("Typed in a tunnel");
  await page.getByLabel("Text").fill("Still here");
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "cannot be reached").waitFor();
  assert.equal(await page.getByLabel("Title").inputValue(), "Typed in a tunnel");
  await page.keyboard.press("Escape");
  const question = page.getByRole("alertdialog");
  await question.getByText("Discard your changes?").waitFor();
  await question.getByRole("button", { name: "Keep editing" }).click();
  assert.equal(await page.getByLabel("Text").inputValue(), "Still here");
  await page.unroute("**/v1/canned-responses**");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "/offline", exact: true }).waitFor();
});

test("settings: canned responses: the list's search and filters are in the address", async (t) => {
  const page = await settings(t, "canned-responses");
  await page.getByRole("searchbox", { name: "Search" }).fill("Greeting");
  await page.waitForURL(/[?&]q=Greeting/);
  await page.getByRole("button", { name: "/hello", exact: true }).waitFor();
  await until(async () => (await page.locator("tbody tr").count()) === 1);
  await page.getByRole("searchbox", { name: "Search" }).fill("no such thing");
  await page.getByText("Nothing matches").waitFor();
  await page.getByRole("button", { name: "Clear search and filters" }).click();
  await page.getByRole("button", { name: "/bye", exact: true }).waitFor();
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("textbox", { name: "Value" }).fill("Fare");
  await page.waitForURL(/filter=title:icontains:Fare/);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Title" }).click();
  await page.waitForURL(/sort=title:asc/);
  await page.reload();
  await page.getByRole("button", { name: "/bye", exact: true }).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 1);
  assert.equal(await page.locator("th[aria-sort=ascending]").innerText(), "Title");
  await page.goBack();
  await page.waitForURL((url) => !url.search.includes("sort="));
});
