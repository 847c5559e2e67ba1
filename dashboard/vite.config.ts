import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { groups, preloadProgram } from "./scripts/chunks.ts";

const api = process.env.UPGUARD_API ?? "http://127.0.0.1:8080";

/** What surrounds every page, and home: there with the program. */
const splitBehavior = ({ routeId }: { routeId: string }) =>
  ["/_app", "/_app/overview"].includes(routeId) ? [] : undefined;

export default defineConfig({
  base: "/",
  plugins: [
    tanstackRouter({ target: "react", autoCodeSplitting: true, codeSplittingOptions: { splitBehavior } }),
    react(),
    tailwindcss(),
    preloadProgram(),
  ],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  worker: { format: "es" },
  build: {
    manifest: true,
    assetsInlineLimit: 0,
    target: "es2022",
    chunkSizeWarningLimit: 600,
    rolldownOptions: { output: { codeSplitting: { groups: groups() } } },
  },
  server: { host: "127.0.0.1", proxy: { "/api": { target: api, changeOrigin: true } } },
});
