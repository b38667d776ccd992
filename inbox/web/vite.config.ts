import { fileURLToPath } from "node:url";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// While developing, everything that is the hub's own goes to a running hub.
const hub = process.env.TURUMBA_HUB ?? "http://127.0.0.1:8080";
const proxied = ["/v1", "/socket.io", "/openapi.json", "/docs", "/files", "/widget.js", "/widget", "/demo", "/sandbox"];
const proxy = Object.fromEntries(
  proxied.map((path) => [`^${path}(/|\\?|$)`, { target: hub, ws: path === "/socket.io", xfwd: false }]),
);

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy },
  preview: { proxy },
  build: { target: "es2022", chunkSizeWarningLimit: 700 },
});
