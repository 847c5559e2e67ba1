import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { Api } from "./support/api";
import { dress, FIRST_RUN, OUTSIDE, open, type Screen, screens } from "./support/screens";
import { expect, test } from "./support/test";

/** In both themes without a serious fault of accessibility, and never wider than the window. */
async function inspect(page: Page, screen: Screen): Promise<void> {
  await test.step(screen.name, async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await open(page, screen);
    await dress(page, "light");
    expect.soft(await faults(page), `${screen.name}, light`).toEqual([]);
    await dress(page, "dark");
    expect.soft(await faults(page, COLOURS), `${screen.name}, dark`).toEqual([]);
    for (const width of [768, 390, 320]) {
      await page.setViewportSize({ width, height: 700 });
      expect.soft(await overflow(page), `${screen.name} at ${width} px: pixels beyond the window`).toBe(0);
    }
    expect.soft(await faults(page), `${screen.name}, 320 px`).toEqual([]);
  });
}

/** All that a theme changes. */
const COLOURS = ["color-contrast", "link-in-text-block"];

async function faults(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return bad.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

/** Sideways scrolling, once layout has settled. */
async function overflow(page: Page): Promise<number> {
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));
}

test("every screen in both themes and from 320 px on", async ({ page, context }) => {
  test.setTimeout(240_000);
  const api = await Api.signIn(context);
  for (const screen of await screens(api)) await inspect(page, screen);
});

test("screens before there is anything to show", async ({ page, context }) => {
  test.setTimeout(90_000);
  for (const screen of OUTSIDE) await inspect(page, screen);
  await Api.signUp(context);
  for (const screen of [FIRST_RUN, { name: "no-monitors", path: "/monitors" }]) await inspect(page, screen);
});

test("the theme that is chosen stays", async ({ page, context }) => {
  await Api.signUp(context);
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/profile");
  await page.getByRole("radio", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
