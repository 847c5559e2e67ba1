import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { Api } from "./support/api";
import { dress, FIRST_RUN, OUTSIDE, open, type Screen, screens, THEMES } from "./support/screens";
import { test } from "./support/test";

const folder = process.env.UPGUARD_SCREENSHOTS;
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

type Windows = Record<string, { total: number }>;

test.skip(!folder, "only where UPGUARD_SCREENSHOTS names a folder");

/** Slots close three minutes after they were due: only then is there an uptime to be seen. */
async function history(api: Api): Promise<void> {
  console.log("waiting until the first checks have closed, some three minutes");
  const total = async () => (await api.get<{ windows: Windows }>("uptime?days=1")).windows["24h"]?.total ?? 0;
  await expect.poll(total, { timeout: 360_000, intervals: [5_000] }).toBeGreaterThan(60);
}

async function take(page: Page, screen: Screen): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await open(page, screen);
    for (const theme of THEMES) {
      await dress(page, theme);
      const path = join(folder ?? "", `${screen.name}-${size}-${theme}.png`);
      await page.screenshot({ path, animations: "disabled" });
    }
  }
}

test("every screen in both themes, on a desk and on a phone", async ({ page, context }) => {
  test.setTimeout(900_000);
  mkdirSync(folder ?? "", { recursive: true });
  for (const screen of OUTSIDE) await take(page, screen);
  const api = await Api.signIn(context);
  await history(api);
  for (const screen of await screens(api)) await take(page, screen);
  await context.clearCookies();
  await Api.signUp(context);
  await take(page, FIRST_RUN);
});
