// Builds the loader, the app in the frame, the shop page and the entry for bundlers into dist/.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const common = { configFile: false, logLevel: "warn", publicDir: false };
const target = "es2022";

/** Vite's helper fetches a chunk's styles before the chunk; ours have none, and a kilobyte is a lot here. */
const plainImports = {
  name: "plain-imports",
  enforce: "pre",
  load: (id) => (id.includes("vite/preload-helper") ? "export const __vitePreload = (load) => load();" : undefined),
};

rmSync(here("dist"), { recursive: true, force: true });

// one file, a classic script: the tag must know itself, and pages must be able to load it from anywhere
await build({
  ...common,
  build: {
    target, outDir: here("dist"), emptyOutDir: false,
    lib: { entry: here("src/loader/main.ts"), formats: ["iife"], name: "turumbaLoader", fileName: () => "widget.js" },
  },
});

for (const [root, base, out] of [["src/frame", "/widget/", "dist/frame"], ["demo", "/demo/", "dist/demo"]]) {
  await build({
    ...common,
    root: here(root), base, plugins: [plainImports],
    build: { target, outDir: here(out), emptyOutDir: false, assetsInlineLimit: 0, modulePreload: false },
  });
}

await build({
  ...common,
  build: {
    target, outDir: here("dist/npm"), emptyOutDir: false, minify: false,
    lib: { entry: here("src/npm/index.ts"), formats: ["es"], fileName: () => "index.js" },
  },
});
execFileSync(process.execPath, [fileURLToPath(import.meta.resolve("typescript/bin/tsc")), "-p", here("tsconfig.npm.json")], { stdio: "inherit" });
