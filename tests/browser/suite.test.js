// All browser specs in one process, so that they share one hub and one browser. To run some of them:
//   SPECS=widget,inbox-desk npm test --workspace tests/browser     files whose name contains one of these
//   npm test --workspace tests/browser -- --test-name-pattern="reconnect"
import { readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { specs } from "./harness/test.js";
import { end, start } from "./harness/world.js";

const folder = new URL("./specs/", import.meta.url);
const wanted = (process.env.SPECS ?? "").split(",");
for (const name of readdirSync(folder).filter((file) => file.endsWith(".spec.js") && wanted.some((part) => file.includes(part))).sort()) {
  await import(new URL(name, folder));
}

// What passes only when run again is named at the end: a race to find, and no reason to refuse the others' verdict.
// FLAKY=0 runs each once, for finding it.
const attempts = process.env.FLAKY === "0" ? 1 : 3;
const flaky = [];

/** A spec that may be run again; its time is for each run. */
const again = ([name, ...rest]) => {
  const body = rest.pop();
  const options = { timeout: 180_000, ...rest[0] };
  const tried = async (t) => {
    for (let attempt = 1; ; attempt += 1) {
      let late;
      const limit = new Promise((_, reject) => {
        late = setTimeout(() => reject(new Error(`not done within ${options.timeout} ms`)), options.timeout);
      });
      try {
        await Promise.race([body(t), limit]);
        return;
      } catch (error) {
        if (attempt === attempts) throw error;
        flaky.push(name);
        console.log(`failed, and is run again: ${name}\n${error.stack}`);
      } finally {
        clearTimeout(late);
      }
    }
  };
  return [name, { ...options, timeout: options.timeout * attempts }, tried];
};

describe("browser", () => {
  before(start, { timeout: 180_000 });
  after(end, { timeout: 60_000 });
  for (const spec of specs) test(...again(spec));
  after(() => {
    if (flaky.length > 0) console.log(`flaky, ${flaky.length} failed at first:\n  ${[...new Set(flaky)].join("\n  ")}`);
  });
});
