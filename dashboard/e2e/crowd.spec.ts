import { Api } from "./support/api";
import { crowd } from "./support/crowd";
import { expect, test } from "./support/test";

const COUNT = 10_000;

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

  const nodes = () => page.evaluate(() => document.querySelectorAll("*").length);
  const first = await nodes();
  await page.mouse.move(640, 500);
  await page.mouse.wheel(0, 200_000);
  await expect(page.getByRole("article").first()).not.toHaveAttribute("aria-posinset", "1");
  const scrolled = await nodes();
  console.log(`nodes of the page: ${first}, scrolled ${scrolled} (limit 800)`);
  expect(Math.max(first, scrolled)).toBeLessThanOrEqual(800);

  await page.mouse.wheel(0, -400_000);
  const filter = page.getByLabel("Filter by name, address or tag");
  await filter.fill("Monitor 04217");
  await expect(page.getByRole("article")).toHaveCount(1);
  await filter.fill("");
  await expect(page.getByRole("article").nth(5)).toBeVisible();
});
