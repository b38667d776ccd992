// Contacts, groups, segments, persons, imports and opt-outs: saved, found, changed in many, and refused with a reason.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { inbox } from "../harness/inbox.js";
import { test } from "../harness/test.js";
import { asOwner, until } from "../harness/world.js";

// refusals are answered with 4xx, which browsers write to their console
const REFUSED = /the server responded with a status of 4\d\d/;
const people = (t, path, more) => inbox(t, `/${path}`, { expected: REFUSED, ...more });
const errorOf = (page, text) => page.getByRole("alert").filter({ hasText: text });
const row = (page, name) => page.getByRole("row").filter({ hasText: name });

let made = 0;
/** A phone number that nobody has. */
const phone = () => `+25191${String(1_000_000 + 7 * ++made)}`;

test("people: contacts: are made, refused, found, changed and deleted", async (t) => {
  const page = await people(t, "contacts?open=new");
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "A name, a phone number or an e-mail address must be known").waitFor();
  const number = phone();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Selam Bekele");
  await page.getByLabel("Phone").fill(number);
  await page.getByLabel("E-mail").fill("not an address");
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "This is not an e-mail address").waitFor();
  await page.getByLabel("E-mail").fill("selam@example.com");
  await page.getByLabel("Tags").fill("vip,");
  await page.getByRole("button", { name: "Add property" }).click();
  await page.getByLabel("Name of property 1").fill("city");
  await page.getByLabel("Value of property 1").fill("Hawassa");
  await page.getByRole("button", { name: "Save" }).click();
  // what was made is shown
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("heading", { name: "Selam Bekele" }).waitFor();
  await sheet.getByText("Hawassa").waitFor();
  const call = await asOwner();
  const [stored] = await call("GET", "/v1/contacts?filter=email:eq:selam@example.com");
  assert.equal(stored.phone, number);
  assert.deepEqual([stored.tags, stored.properties], [["vip"], { city: "Hawassa" }]);

  // another one with the same number is refused at its field, and nothing is lost
  await page.goto(new URL("/contacts?open=new", page.url()).href);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Somebody else");
  await page.getByLabel("Phone").fill(number);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByLabel("Phone").and(page.locator("[aria-invalid=true]")).waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue(), "Somebody else");

  await page.goto(new URL(`/contacts?open=${stored.id}`, page.url()).href);
  await page.getByRole("dialog").getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByLabel("First name").fill("Selam");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Actions for Selam Bekele" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await until(async () => (await call("GET", "/v1/contacts?filter=email:eq:selam@example.com")).length === 0);
});

test("people: contacts: filters, columns and pages; the address is the state", async (t) => {
  const call = await asOwner();
  const tag = `page-${Date.now()}`;
  const create = Array.from({ length: 30 }, (_, n) => ({
    name: `Paged ${String(n).padStart(2, "0")}`, phone: phone(), tags: [tag], properties: { floor: String(n % 3) },
  }));
  assert.equal((await call("POST", "/v1/contacts/bulk", { create })).failed, 0);
  const page = await people(t, `contacts?filter=tags:contains:${tag}`);
  await page.getByText("1–25 of 30").waitFor();
  await page.getByRole("button", { name: "Name", exact: true }).click();
  await page.waitForURL(/sort=name:asc/);
  await row(page, "Paged 00").waitFor();
  await page.getByRole("button", { name: "Next page" }).click();
  await page.waitForURL(/page=2/);
  await row(page, "Paged 29").waitFor();
  await page.goBack();
  await row(page, "Paged 00").waitFor();
  // a property is asked for by its name
  await page.getByRole("button", { name: "1 filter" }).click();
  await page.getByRole("button", { name: "Add filter" }).click();
  await page.getByLabel("Field").nth(1).click();
  await page.getByRole("option", { name: "Property" }).click();
  await page.getByLabel("Name of the property").fill("floor");
  await page.getByRole("textbox", { name: "Value" }).last().fill("2");
  await page.waitForURL(/filter=properties\.floor:icontains:2/);
  await page.keyboard.press("Escape");
  await page.getByText("1–10 of 10").waitFor();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Properties" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("columnheader", { name: "Properties" }).waitFor();
  await page.getByText("floor: 2").first().waitFor();
  await page.reload();
  await page.getByRole("columnheader", { name: "Properties" }).waitFor();
  await page.getByText("1–10 of 10").waitFor();
  // the list as it is narrowed, as a file
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export" }).click()]);
  const lines = readFileSync(await file.path(), "utf8").trim().split(/\r?\n/);
  assert.equal(lines.length, 11, lines.join("\n"));
});

test("people: contacts: many at once are tagged, put into a group and made inactive", async (t) => {
  const call = await asOwner();
  const tag = `bulk-${Date.now()}`;
  const create = ["Bulk one", "Bulk two", "Bulk three"].map((name) => ({ name, phone: phone(), tags: [tag] }));
  await call("POST", "/v1/contacts/bulk", { create });
  const group = await call("POST", "/v1/groups", { name: `Group of ${tag}` });
  const page = await people(t, `contacts?filter=tags:contains:${tag}`);
  await page.getByRole("checkbox", { name: "Choose Bulk one" }).click();
  await page.getByText("1 chosen").waitFor();
  await page.getByRole("checkbox", { name: "Choose all on this page" }).click();
  await page.getByText("3 chosen").waitFor();
  await page.getByRole("button", { name: "Add to group" }).click();
  await page.getByRole("menuitem", { name: group.name }).click();
  await until(async () => (await call("GET", `/v1/groups/${group.id}`)).contact_count === 3);
  await page.getByRole("checkbox", { name: "Choose all on this page" }).click();
  await page.getByRole("button", { name: "Add tags" }).click();
  await page.getByRole("dialog").getByLabel("Tags").fill("newsletter,");
  await page.getByRole("dialog").getByRole("button", { name: "Add tags" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const tagged = await call("GET", `/v1/contacts?filter=tags:contains:${tag},newsletter`);
  assert.equal(tagged.length, 3);
  await page.getByRole("checkbox", { name: "Choose Bulk two" }).click();
  await page.getByRole("button", { name: "Make inactive" }).click();
  await until(async () => (await call("GET", `/v1/contacts?filter=tags:contains:${tag}&filter=is_active:eq:false`)).length === 1);
});

test("people: contacts: two that are one are merged after a look, and taken apart again", async (t) => {
  const call = await asOwner();
  const stamp = Date.now();
  const stays = await call("POST", "/v1/contacts", { name: `Stays ${stamp}`, phone: phone() });
  const goes = await call("POST", "/v1/contacts", { name: `Goes ${stamp}`, email: `goes${stamp}@example.com` });
  const page = await people(t, `contacts?open=${stays.id}`);
  const sheet = page.getByRole("dialog", { name: stays.name });
  await sheet.getByRole("button", { name: `Actions for ${stays.name}` }).click();
  await page.getByRole("menuitem", { name: "Merge another contact into this one" }).click();
  await page.getByRole("button", { name: "Choose the other contact" }).click();
  await page.getByPlaceholder("Name, phone or e-mail").fill(goes.name);
  await page.getByRole("option", { name: new RegExp(goes.name) }).click();
  await page.getByText(`goes${stamp}@example.com`).first().waitFor();
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await until(async () => (await call("GET", `/v1/contacts/${stays.id}`)).email === `goes${stamp}@example.com`);
  await sheet.getByRole("button", { name: "Undo" }).click();
  await until(async () => (await call("GET", `/v1/contacts?filter=name:eq:${encodeURIComponent(goes.name)}`)).length === 1);
  await page.getByRole("tab", { name: "Timeline" }).click();
  await sheet.getByText("Became a contact").waitFor();
});

test("people: contacts: addresses and opt-outs are kept beside them", async (t) => {
  const call = await asOwner();
  const number = phone();
  const one = await call("POST", "/v1/contacts", { name: `Opted ${number}`, phone: number });
  const page = await people(t, "suppressions?open=new");
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "This must be filled in").waitFor();
  await page.getByRole("textbox", { name: "Address" }).fill(number);
  await page.getByRole("button", { name: "Save" }).click();
  await row(page, number).getByText("By hand").waitFor();
  await page.goto(new URL(`/contacts?open=${one.id}`, page.url()).href);
  const sheet = page.getByRole("dialog", { name: one.name });
  await sheet.getByRole("button", { name: "Add address" }).click();
  await page.getByRole("dialog", { name: "Add address" }).getByRole("textbox", { name: "Address" }).fill(`chat-${number}`);
  await page.getByRole("dialog", { name: "Add address" }).getByRole("button", { name: "Save" }).click();
  await sheet.getByText(`chat-${number}`).waitFor();
  const [identifier] = await call("GET", `/v1/contact-identifiers?filter=contact_id:eq:${one.id}`);
  assert.equal(identifier.identifier, `chat-${number}`);
});

test("people: groups, persons and segments: are made, refused and counted", async (t) => {
  const call = await asOwner();
  const stamp = Date.now();
  const one = await call("POST", "/v1/contacts", { name: `Member ${stamp}`, phone: phone(), tags: [`seg-${stamp}`] });
  const page = await people(t, "groups");
  await page.getByRole("button", { name: "New group" }).first().click();
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "This must be filled in").waitFor();
  await page.getByLabel("Name").fill(`Class ${stamp}`);
  await page.getByRole("button", { name: "Save" }).click();
  // a new group is opened, empty
  await page.getByRole("heading", { name: `Class ${stamp}` }).waitFor();
  await page.getByRole("button", { name: "Add a contact" }).click();
  await page.getByPlaceholder("Name, phone or e-mail").fill(one.name);
  await page.getByRole("option", { name: new RegExp(one.name) }).click();
  await page.getByText("1 member").waitFor();
  await row(page, one.name).waitFor();

  await page.getByRole("button", { name: "Write to this group" }).click();
  assert.ok(await page.getByRole("checkbox", { name: `Class ${stamp}` }).isChecked());
  await page.goto(new URL("/persons?open=new", page.url()).href);
  await page.getByLabel("Name", { exact: true }).fill(`Teacher ${stamp}`);
  await page.getByRole("button", { name: "Save" }).click();
  await row(page, `Teacher ${stamp}`).waitFor();

  await page.goto(new URL("/segments?open=new", page.url()).href);
  await page.getByLabel("Name", { exact: true }).fill(`Segment ${stamp}`);
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "Add at least one condition").waitFor();
  await page.getByRole("button", { name: "Add filter" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await errorOf(page, "A condition has no value yet").waitFor();
  await page.getByLabel("Field").click();
  await page.getByRole("option", { name: "Tag", exact: true }).click();
  await page.getByRole("textbox", { name: "Value" }).fill(`seg-${stamp}`);
  await page.getByText("1 contact fits now").waitFor();
  // a time that is said from today
  await page.getByRole("button", { name: "Add filter" }).click();
  await page.getByLabel("Field").last().click();
  await page.getByRole("option", { name: "Created" }).click();
  await page.getByLabel("Days", { exact: true }).fill("7");
  await page.getByRole("button", { name: "Save" }).click();
  await row(page, `Segment ${stamp}`).getByText("2 conditions").waitFor();
  const [segment] = await call("GET", `/v1/segments?filter=name:eq:${encodeURIComponent(`Segment ${stamp}`)}`);
  assert.deepEqual(segment.filters, [`tags:contains:seg-${stamp}`, "created_at:ge:now-7d"]);
});

test("people: imports: columns are put right, tried, imported, and what was refused is had as a file", { timeout: 90_000 }, async (t) => {
  const call = await asOwner();
  const stamp = Date.now();
  const good = phone();
  const csv = `Who;Mobile;Town\nImported ${stamp};${good};Adama\nBroken ${stamp};12;Adama\n`;
  const page = await people(t, "contact-imports/new");
  await page.locator("input[type=file]").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await page.getByText(good).waitFor();
  await page.getByLabel("Column Who is").click();
  await page.getByRole("option", { name: "Phone", exact: true }).click();
  await page.getByText("Two columns mean the same").waitFor();
  assert.ok(await page.getByRole("button", { name: "Import", exact: true }).isDisabled());
  await page.getByLabel("Column Who is").click();
  await page.getByRole("option", { name: "Name", exact: true }).click();
  assert.equal(await page.getByLabel("Name of the property for Town").inputValue(), "town");
  await page.getByRole("button", { name: "Try without writing" }).click();
  await page.locator("[data-count=created_count]").filter({ hasText: /^1$/ }).waitFor();
  await page.locator("[data-count=error_count]").filter({ hasText: /^1$/ }).waitFor();
  const named = `/v1/contacts?filter=name:eq:${encodeURIComponent(`Imported ${stamp}`)}`;
  assert.equal((await call("GET", named)).length, 0);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByRole("button", { name: "To the contacts" }).waitFor();
  await page.locator("[data-count=created_count]").filter({ hasText: /^1$/ }).waitFor();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download refused rows" }).click(),
  ]);
  assert.match(readFileSync(await file.path(), "utf8"), /phone/);
  const [stored] = await call("GET", named);
  assert.deepEqual(stored.properties, { town: "Adama" });
  await page.getByRole("button", { name: "To the contacts" }).click();
  await row(page, `Imported ${stamp}`).waitFor();
});
