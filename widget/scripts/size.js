// Fails when the widget has outgrown its budgets. Bytes are those of gzip, as a browser gets them.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LOADER = 3 * 1024;
const ALL = 35 * 1024;

const dist = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));
const weigh = (path) => gzipSync(readFileSync(dist(path)), { level: 9 }).length;

const loader = weigh("widget.js");
const page = readFileSync(dist("frame/index.html"), "utf8");
// what the page itself names is loaded at once; other languages come when they are wanted
const first = readdirSync(dist("frame/assets")).filter((name) => page.includes(name)).map((name) => `frame/assets/${name}`);
if (!first.length) throw new Error("dist/frame has no assets: run `npm run build` first");
const parts = [["widget.js", loader], ...["frame/index.html", ...first].map((path) => [path, weigh(path)])];
const all = parts.reduce((sum, [, bytes]) => sum + bytes, 0);

for (const [path, bytes] of parts) console.log(`${String(bytes).padStart(7)}  ${path}`);
console.log(`loader ${loader} of ${LOADER} bytes, loader and app ${all} of ${ALL} bytes (gzip)`);
const later = readdirSync(dist("frame/assets")).filter((name) => !page.includes(name)).map((name) => `${name.split("-")[0]} ${weigh(`frame/assets/${name}`)}`);
console.log(`later, when wanted: ${later.join(", ")}`);
if (loader > LOADER || all > ALL) {
  console.error("too large: look at what was added before you raise a budget");
  process.exit(1);
}
