// Writes the types of everything that crosses the wire, from the hub's own documents:
//   inbox/web/src/api/schema.gen.ts      REST, from `turumba openapi`
//   inbox/realtime/src/wire.gen.ts       sockets, from `turumba asyncapi`
// With --check nothing is written; it fails when a file is not what it would write.
// TURUMBA_BIN names the hub's program; without it, it is built.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const check = process.argv.includes("--check");
const options = { defaultNonNullable: false };
const top = (what) => `// Made of ${what} by scripts/wire-types.mjs (npm run wire). Do not edit.\n\n`;

function hub() {
  if (process.env.TURUMBA_BIN) return process.env.TURUMBA_BIN;
  execFileSync("cargo", ["build", "--quiet", "--package", "hub", "--bin", "turumba"], {
    cwd: root,
    stdio: "inherit",
    env: { SQLX_OFFLINE: "true", ...process.env },
  });
  return join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "turumba");
}

/** The names of the schema that a reference means, as a type. */
const type = (schema) =>
  schema.$ref ? `Schemas[${JSON.stringify(schema.$ref.split("/").pop())}]` : schema.type === "null" ? "null" : "unknown";

const follow = (document, ref) => ref.slice(2).split("/").reduce((at, part) => at[part], document);

/** The maps of one namespace: its commands, its events, and which of them belong to a log. */
function namespace(document, channel, prefix) {
  const commands = [];
  const events = [];
  const logged = [];
  for (const operation of Object.values(document.operations)) {
    if (operation.channel.$ref !== `#/channels/${channel}`) continue;
    const first = (list) => follow(document, follow(document, list[0].$ref).$ref);
    const message = first(operation.messages);
    const name = JSON.stringify(message.name);
    if (operation.action === "receive") {
      const data = first(operation.reply.messages).payload.oneOf[0].properties.data;
      commands.push(`  /** ${message.summary.replaceAll("\n", " ")} */\n  ${name}: { payload: ${type(message.payload)}; data: ${type(data)} };`);
    } else {
      events.push(`  ${name}: ${type(message.payload)};`);
      if (message.headers) logged.push(name);
    }
  }
  return `/** Commands of /${channel}: what each takes, and what its acknowledgement holds. */
export interface ${prefix}Commands {
${commands.join("\n")}
}

/** Events of /${channel}: what each carries. */
export interface ${prefix}Events {
${events.join("\n")}
}

/** Those that are entries of a log: they come with a Meta. */
export type ${prefix}LogEvents = ${logged.join(" | ")};
`;
}

async function sockets(document) {
  const { schemas } = document.components;
  const shapes = await openapiTS({ openapi: "3.1.0", info: document.info, paths: {}, components: { schemas } }, options);
  return `${top("the AsyncAPI document")}${astToString(shapes)}
export type Schemas = components["schemas"];

${namespace(document, "agents", "Agent")}
${namespace(document, "customers", "Customer")}`;
}

async function rest(document) {
  return top("the OpenAPI document") + astToString(await openapiTS(document, options));
}

const program = hub();
const ask = (what) => JSON.parse(execFileSync(program, [what], { encoding: "utf8", maxBuffer: 1 << 26 }));
const files = {
  "inbox/web/src/api/schema.gen.ts": await rest(ask("openapi")),
  "inbox/realtime/src/wire.gen.ts": await sockets(ask("asyncapi")),
};

let stale = false;
for (const [name, text] of Object.entries(files)) {
  const path = join(root, name);
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
  if (check) {
    console.error(`${name} is stale: run npm run wire`);
    stale = true;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`${name} written`);
  }
}
process.exit(stale ? 1 : 0);
