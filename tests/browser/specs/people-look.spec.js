// The pages of people and of sending in both themes and at two widths: pictures to be looked at, nothing that scrolls
// sideways, and nothing serious for axe.
import assert from "node:assert/strict";

import { inbox } from "../harness/inbox.js";
import { test } from "../harness/test.js";
import { asOwner, axe, shot, until, world } from "../harness/world.js";

let filled;
/** Something to look at: contacts, a group, a segment, a campaign that ran, a draft, schedules. */
function contents() {
  return (filled ??= fill());
}

async function fill() {
  const call = await asOwner();
  const names = ["Almaz Tadesse", "Bekele Girma", "ትግስት ኃይሌ", "Daniel Mekonnen", "Eden Haile", "Fikirte Alemu", "Girum Desta", "Hiwot Tesfaye"];
  const create = names.map((name, n) => ({
    name, phone: `+2519330000${10 + n}`, email: `guest${n}@example.com`, tags: ["look", ...(n % 2 ? ["vip"] : [])], preferred_language: n % 2 ? "en" : "am",
    properties: { city: ["Addis Ababa", "Hawassa", "Adama"][n % 3], orders: n },
  }));
  await call("POST", "/v1/contacts/bulk", { create });
  const contacts = await call("GET", "/v1/contacts?filter=tags:contains:look");
  const group = await call("POST", "/v1/groups", { name: "Coffee lovers", description: "Who bought beans this year" });
  await call("POST", `/v1/groups/${group.id}/contacts`, { contact_ids: contacts.map(({ id }) => id) });
  const segment = await call("POST", "/v1/segments", { name: "VIPs in Addis Ababa", filters: ["tags:contains:vip", "properties.city:eq:Addis Ababa", "created_at:ge:now-30d"] });
  await call("POST", "/v1/persons", { name: "Abebe Kebede", phone: "+251944000001" });
  await call("POST", "/v1/suppressions", { channel_type: "sms", address: "+251933000012", note: "asked by phone" });
  const [channel] = await call("GET", "/v1/channels?filter=channel_type:eq:sms&filter=is_enabled:eq:true&filter=name:eq:Sandbox SMS");
  const [template] = await call("GET", "/v1/templates?filter=name:eq:Order shipped");
  const more = { channel_id: channel.id, contact_group_ids: [group.id] };
  const ran = await call("POST", "/v1/group-messages", { ...more, name: "Meskel offer", template_id: template.id, custom_values: { ORDER: "your coffee" }, status: "queued" });
  const draft = await call("POST", "/v1/group-messages", { ...more, name: "New Year greeting", segment_ids: [segment.id], message_body: "Melkam addis amet, {{ contact.name }}!", canary_percent: 10 });
  const schedule = await call("POST", "/v1/scheduled-messages", { ...more, name: "Friday reminder", send_type: "group", template_id: template.id, scheduled_at: "2030-01-04T06:00:00Z", timezone: "Africa/Addis_Ababa", is_recurring: true, recurrence_rule: "weekly:mon,fri" });
  await until(async () => (await call("GET", `/v1/group-messages/${ran.id}`)).status === "completed");
  const message = await call("POST", "/v1/messages", { channel_id: channel.id, delivery_address: "+251933000099", message_body: "Your parcel leaves today, {{ contact.name }}." });
  return { message, contact: contacts.find(({ name }) => name === "Bekele Girma"), group, segment, template, ran, draft, schedule };
}

async function pages() {
  const { message, contact, group, segment, template, ran, draft, schedule } = await contents();
  return {
    "contacts": "contacts", "contact": `contacts?open=${contact.id}`, "contact-new": "contacts?open=new",
    "groups": "groups", "group": `groups/${group.id}`, "segments": "segments", "segment": `segments?open=${segment.id}`,
    "persons": "persons", "imports": "contact-imports", "import-new": "contact-imports/new", "suppressions": "suppressions",
    "group-messages": "group-messages", "group-message": `group-messages/${ran.id}`, "draft": `group-messages/${draft.id}`,
    "wizard-audience": "group-messages/new", "wizard-content": `group-messages/${draft.id}/edit?step=content`,
    "wizard-sending": `group-messages/${draft.id}/edit?step=sending`, "wizard-check": `group-messages/${draft.id}/edit?step=check`,
    "templates": "templates", "template": `templates/${template.id}`, "template-new": "templates/new",
    "schedules": "scheduled-messages", "schedule": `scheduled-messages/${schedule.id}`, "schedule-new": "scheduled-messages/new",
    "messages": "messages", "message": `messages?open=${message.id}`, "message-new": "messages/new",
    "limits": "sending-limits",
  };
}

const settled = async (page) => {
  await page.locator("h1:visible, h2:visible").first().waitFor();
  await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
  await page.locator("[role=status][aria-label='Loading…']").first().waitFor({ state: "detached" });
};

for (const [theme, width, height] of [["dark", 1440, 900], ["light", 1440, 900], ["dark", 360, 740], ["light", 360, 740]]) {
  test(`people and sending: look: ${theme}, ${width} px`, { timeout: 240_000 }, async (t) => {
    const page = await inbox(t, "/contacts", {
      viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce",
      // a picture of a page that is left before all of it came
      expected: /ERR_ABORTED/,
    });
    // contrast differs by theme and layout by width: two of the four see both
    const isAudited = (theme === "dark") === (width > 1000);
    const found = [];
    for (const [name, path] of Object.entries(await pages())) {
      await page.goto(`${world.hub.url}/${path}`);
      await settled(page);
      await shot(page, `people-${name}-${theme}-${width}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (over > 0) found.push(`${name}: ${over} px too wide`);
      if (isAudited) found.push(...(await axe(page)).map((finding) => `${name}: ${finding}`));
    }
    assert.deepEqual(found, []);
  });
}

test("people and sending: look: in Amharic", { timeout: 180_000 }, async (t) => {
  const page = await inbox(t, "/contacts", { init: () => localStorage.setItem("turumba.language", "am"), expected: /ERR_ABORTED/ });
  for (const [name, path] of Object.entries(await pages())) {
    await page.goto(`${world.hub.url}/${path}`);
    await settled(page);
    await shot(page, `people-${name}-am`);
    // a key that has no text is shown as it is
    const keys = await page.evaluate(() => document.body.innerText.match(/\b[a-z_]+\.[a-z_]+(\.[a-z_]+)*\b/g) ?? []);
    assert.deepEqual(keys.filter((key) => !/example|contact\.|system\.|sender\.|account\.|properties\./.test(key)), [], name);
  }
});
