import { Api, addMonitor } from "./support/api";
import { expect, test } from "./support/test";
import { Wire } from "./support/wire";

test("a cut stream is said, nothing looks fresh meanwhile, and nothing is lost", async ({ page, context, site }) => {
  test.setTimeout(120_000);
  const wire = await Wire.open();
  const api = await Api.signUp(context, wire.url);
  await addMonitor(api, "Behind the wire", site.url);
  await page.goto(`${wire.url}/monitors`);
  const row = page.getByRole("article", { name: "Behind the wire" });
  await expect(row.getByText("Up", { exact: true }).first()).toBeVisible({ timeout: 20_000 });
  const bar = page.getByRole("complementary");
  await expect(bar.getByText("Live", { exact: true }).first()).toBeVisible();
  await page.evaluate(() => {
    (window as unknown as { sameDocument: boolean }).sameDocument = true;
  });

  wire.cut();
  await expect(bar.getByText(/Reconnecting|Offline/).first()).toBeVisible();
  site.break();
  await expect(bar.getByText(/Offline/).first()).toBeVisible({ timeout: 30_000 });
  await expect(page.locator("main")).toHaveAttribute("data-connection", /offline|stale/);
  await expect(bar.getByText("Live", { exact: true })).toHaveCount(0);
  await expect(row.getByText("Down", { exact: true })).toHaveCount(0);

  wire.mend();
  await expect(row.getByText("Down", { exact: true }).first()).toBeVisible({ timeout: 45_000 });
  await expect(bar.getByText("Live", { exact: true }).first()).toBeVisible();
  expect(await page.evaluate(() => "sameDocument" in window), "the page was not loaded again").toBe(true);
  await wire.close();
});

test("an acknowledgement is refused offline, and says so", async ({ page, context, site }) => {
  const api = await Api.signUp(context);
  await addMonitor(api, "Broken", site.url);
  site.break();
  await page.goto("/incidents");
  await page.getByRole("list", { name: "Open" }).getByRole("link").click({ timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Acknowledge" })).toBeVisible();
  // What says it comes a moment after the page.
  await page.waitForFunction(() =>
    performance.getEntriesByType("resource").some(({ name }) => name.includes("toaster")),
  );
  await context.setOffline(true);
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await expect(page.getByText(/nothing is kept for later/).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Acknowledge" })).toBeVisible();
  await context.setOffline(false);
});

test("six tabs at once still answer", async ({ context }) => {
  await Api.signIn(context);
  const pages = [];
  for (let tab = 0; tab < 6; tab += 1) {
    const page = await context.newPage();
    await page.goto("/monitors");
    pages.push(page);
  }
  for (const page of pages) {
    await expect(page.getByRole("complementary").getByText("Live", { exact: true }).first()).toBeVisible();
  }
  const last = pages.at(-1);
  const began = Date.now();
  const status = await last?.evaluate(() => fetch("/api/v1/auth/me").then((answer) => answer.status));
  expect(status).toBe(401);
  expect(Date.now() - began, "milliseconds of an answer with six tabs open").toBeLessThan(3_000);
});
