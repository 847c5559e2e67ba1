import { defineConfig } from "@playwright/test";

/** Stories against a whole running system, which `cargo xtask test ui` starts and names in the environment. */
export default defineConfig({
  testDir: "e2e",
  outputDir: process.env.UPGUARD_E2E_OUTPUT ?? "../target/e2e/output",
  workers: 1,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    baseURL: process.env.UPGUARD_URL ?? "http://127.0.0.1:8080",
    actionTimeout: 15_000,
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "UTC",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.UPGUARD_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
