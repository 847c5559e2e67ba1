import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const api = process.env.UPGUARD_API ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/",
  plugins: [tanstackRouter({ target: "react", autoCodeSplitting: true }), react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  worker: { format: "es" },
  build: { manifest: true, assetsInlineLimit: 0, target: "es2022", chunkSizeWarningLimit: 600 },
  server: { host: "127.0.0.1", proxy: { "/api": { target: api, changeOrigin: true } } },
});
