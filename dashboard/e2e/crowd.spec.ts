import type { Page } from "@playwright/test";
import { Api } from "./support/api";
import { crowd } from "./support/crowd";
import { expect, test } from "./support/test";

const COUNT = 10_000;
const WINDOWS = [
  { width: 1280, height: 900 },
  { width: 1440, height: 1000 },
  { width: 390, height: 844 },
];

/** The most nodes the page has while it is scrolled through, a step a frame, and its first row then. */
function mostNodes(page: Page): Promise<{ most: number; at: number }> {
  return page.evaluate(async () => {
    let found = { most: 0, at: 0 };
    for (let step = 0; step < 120; step += 1) {
      window.scrollTo(0, step * 97);
      await new Promise(requestAnimationFrame);
      const most = document.querySelectorAll("*").length;
      const at = Number(document.querySelector("article")?.getAttribute("aria-posinset"));
      if (most > found.most) found = { most, at };
    }
    window.scrollTo(0, 0);
    return found;
  });
}

test("ten thousand monitors are ready in two seconds, in few nodes", async ({ page, context }) => {
  test.setTimeout(120_000);
  const api = await Api.signUp(context);
  const me = await api.get<{ organisation: string }>("auth/me");
  crowd(me.organisation, COUNT);
  // The first look fills caches of browser and server, as a visitor of yesterday has them.
  await page.goto("/monitors");
  await expect(page.getByRole("article").first()).toBeVisible({ timeout: 20_000 });

  const times: number[] = [];
  for (let look = 0; look < 3; look += 1) {
    await page.goto("about:blank");
    const began = Date.now();
    await page.goto("/monitors");
    await expect(page.getByRole("article").nth(5)).toBeVisible();
    times.push(Date.now() - began);
  }
  const ready = Math.min(...times);
  console.log(
    `the list of ${COUNT} monitors was ready after ${ready} ms, best of ${times.join(", ")} (goal 1000, limit 2000)`,
  );
  expect(ready).toBeLessThan(2_000);

  for (const viewport of WINDOWS) {
    await page.setViewportSize(viewport);
    const { most, at } = await mostNodes(page);
    console.log(
      `nodes of the page at ${viewport.width} × ${viewport.height}: at most ${most}, at row ${at} (limit 800)`,
    );
    expect(most).toBeLessThanOrEqual(800);
  }

  await page.evaluate(() => window.scrollTo(0, 0));
  const filter = page.getByLabel("Filter by name, address or tag");
  await filter.fill("Monitor 04217");
  await expect(page.getByRole("article")).toHaveCount(1);
  await filter.fill("");
  await expect(page.getByRole("article").nth(5)).toBeVisible();
});
