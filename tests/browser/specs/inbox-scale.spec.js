// How many rows stand in the page, and how long a scrolling step keeps it busy. For the numbers of
// docs/benchmarks.md: INBOX_ROWS=10000 SPECS=inbox-scale npm test --workspace tests/browser
import assert from "node:assert/strict";

import { inbox } from "../harness/inbox.js";
import { test } from "../harness/test.js";
import { asOwner, until } from "../harness/world.js";

const ROWS = Number(process.env.INBOX_ROWS ?? 600);
const MOST_NODES = 300;
const LONG_MS = 50;

/** Writes as customers through the sandbox; the hub slows down who is too fast. */
async function write(channel, texts) {
  const call = await asOwner();
  let at = 0;
  const work = async () => {
    while (at < texts.length) {
      const body = texts[at++];
      for (;;) {
        try {
          await call("POST", `/v1/channels/${channel}/sandbox/inbound`, body);
          break;
        } catch (error) {
          if (error.status !== 429) throw error;
          await new Promise((done) => setTimeout(done, 500));
        }
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
}

/** Scrolls to the end, page after page, as fast as frames come. */
const scroll = (page, selector, step) => page.evaluate(async ([target, by]) => {
  const box = document.querySelector(target);
  let nodes = 0;
  let still = 0;
  for (let last = -1; still < 60; last = box.scrollTop) {
    box.scrollTop += by;
    await new Promise(requestAnimationFrame);
    nodes = Math.max(nodes, box.querySelectorAll("[data-row]").length);
    if (box.scrollTop === last) {
      still++;
      await new Promise((done) => setTimeout(done, 50));
    } else still = 0;
  }
  return { nodes, height: box.scrollHeight };
}, [selector, step]);

/** Traces what the page's main thread does meanwhile: its tasks in milliseconds, by the wall and by the processor. */
async function traced(page, work) {
  const client = await page.context().newCDPSession(page);
  const events = [];
  client.on("Tracing.dataCollected", ({ value }) => events.push(...value.filter(({ name }) => name === "RunTask" || name === "thread_name")));
  await client.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline", "__metadata"] } });
  const result = await work();
  const complete = new Promise((done) => client.once("Tracing.tracingComplete", done));
  await client.send("Tracing.end");
  await complete;
  await client.detach();
  const mains = new Set(events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = events.filter(({ name, pid, tid }) => name === "RunTask" && mains.has(`${pid} ${tid}`));
  assert.ok(tasks.length > 100, "the trace holds the page's tasks");
  const longest = (field) => Math.max(0, ...tasks.map((task) => (task[field] ?? 0) / 1_000));
  return { ...result, tasks: tasks.length, long: tasks.filter(({ dur }) => dur > LONG_MS * 1_000).length, wall: longest("dur"), cpu: longest("tdur") };
}

const report = (t, what, { nodes, tasks, long, wall, cpu }) =>
  t.diagnostic(`${what}: at most ${nodes} row nodes; of ${tasks} tasks ${long} over ${LONG_MS} ms, the longest ${Math.round(wall)} ms, ${Math.round(cpu)} ms of them the processor's`);

test(`inbox: ${ROWS} conversations and a thread of ${ROWS} messages`, { timeout: 1_200_000 }, async (t) => {
  const call = await asOwner();
  const [sms] = await call("GET", "/v1/channels?filter=provider:eq:sandbox&filter=channel_type:eq:sms");
  const number = (n) => `+25194${String(1_000_000 + n)}`;
  await write(sms.id, Array.from({ length: ROWS }, (_, n) => ({ from: number(n), name: `Customer ${n}`, text: `question ${n}` })));
  await write(sms.id, Array.from({ length: ROWS }, (_, n) => ({ from: number(0), name: "Customer 0", text: `message ${n} of a long story` })));

  const page = await inbox(t, "/inbox/all", { as: "hanna" });
  await page.locator("[data-conversation]").first().waitFor();
  const list = await traced(page, () => scroll(page, "[data-list]", 900));
  report(t, "list", list);
  assert.ok(list.nodes <= MOST_NODES);
  assert.ok(list.cpu <= LONG_MS, `a task of ${list.cpu} ms`);
  assert.ok(list.height > ROWS * 70, "all of them can be reached");

  await page.goto(page.url().replace(/\/inbox.*/, "/inbox/all?q=Customer+0"));
  await until(async () => (await page.locator("[data-conversation]").count()) >= 1);
  await page.locator("[data-conversation]", { hasText: /^Customer 0/ }).first().click();
  await page.locator("[data-message]").first().waitFor();
  const thread = await traced(page, () => scroll(page, "[data-timeline]", -900));
  report(t, "thread", thread);
  assert.ok(thread.nodes <= MOST_NODES);
  assert.ok(thread.cpu <= LONG_MS, `a task of ${thread.cpu} ms`);
  await page.locator("[data-timeline]").getByText("question 0", { exact: false }).first().waitFor();
});
