// The real program, with a database of its own, on a free port.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The program under test: `TURUMBA_BIN`, else the debug build of this tree. */
export function binary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const path = process.env.TURUMBA_BIN ?? join(target, "debug", "turumba");
  if (!existsSync(path)) throw new Error(`there is no program at ${path}: build it (cargo build --bin turumba) or set TURUMBA_BIN`);
  return path;
}

export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/**
 * Starts a hub and waits until it is ready. `args` are added to `serve`; `env` to its environment.
 */
export async function startHub({ args = ["--demo"], env = {}, patience = 120_000 } = {}) {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), "turumba-browser-"));
  const url = `http://127.0.0.1:${port}`;
  const given = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TURUMBA_") && name !== "DATABASE_URL"));
  const postgres = process.env.TURUMBA_POSTGRES_BIN ? { TURUMBA_POSTGRES_BIN: process.env.TURUMBA_POSTGRES_BIN } : {};
  const child = spawn(binary(), ["serve", "--listen", `127.0.0.1:${port}`, "--data-dir", data, ...args], {
    // browsers all come from one address here
    env: { ...given, ...postgres, TURUMBA_LIMITS_AUTH_PER_MINUTE: "600", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const errors = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => (said = (said + text).slice(-20_000)));
    createInterface({ input: stream }).on("line", (line) => {
      if (/\bERROR\b|panicked/.test(line) && errors.length < 50) errors.push(line);
    });
  }
  const exited = new Promise((done) => child.once("exit", (code, signal) => done(signal ?? code)));
  let isOver = false;
  void exited.then(() => (isOver = true));

  const until = Date.now() + patience;
  for (;;) {
    if (isOver) throw new Error(`the hub ended while it started:\n${said}`);
    if (Date.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`the hub was not ready in ${patience / 1_000} s:\n${said}`);
    }
    const ready = await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) break;
    await new Promise((done) => setTimeout(done, 150));
  }

  return {
    url, port, data,
    get log() {
      return said;
    },
    /** The lines in which it spoke of an error, the first fifty. */
    errors,
    /** Runs a command of the program on the same data. */
    run: (...command) => execFileSync(binary(), [...command, "--data-dir", data], { encoding: "utf8", env: given }),
    async stop() {
      if (!isOver) child.kill("SIGTERM");
      const slow = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await exited;
      clearTimeout(slow);
      rmSync(data, { recursive: true, force: true });
    },
  };
}
