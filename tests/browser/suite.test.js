// All browser specs in one process, so that they share one hub and one browser. To run some of them:
//   SPECS=widget npm test --workspace tests/browser          files whose name contains "widget"
//   npm test --workspace tests/browser -- --test-name-pattern="reconnect"
import { readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { specs } from "./harness/test.js";
import { end, start } from "./harness/world.js";

const folder = new URL("./specs/", import.meta.url);
const wanted = process.env.SPECS ?? "";
for (const name of readdirSync(folder).filter((file) => file.endsWith(".spec.js") && file.includes(wanted)).sort()) {
  await import(new URL(name, folder));
}

describe("browser", () => {
  before(start, { timeout: 180_000 });
  after(end, { timeout: 60_000 });
  for (const spec of specs) test(...spec);
});
