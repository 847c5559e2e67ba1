import { freshEmail, PASSWORD } from "./support/api";
import { expect, test } from "./support/test";

/** The whole way, by what stands on the screen alone. */
test("from sign-up to a resolved incident", async ({ page, site }) => {
  test.setTimeout(120_000);
  await page.goto("/");
  await page.getByRole("link", { name: "Create one" }).click();
  await page.getByLabel("E-mail").fill(freshEmail());
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  const began = Date.now();
  await page.getByRole("button", { name: "Create account" }).click();

  await test.step("the first monitor is green", async () => {
    await page.getByLabel("Address").fill(site.url);
    await page.getByRole("button", { name: "Run" }).click();
    await expect(page.getByText(/find it up\.$/)).toBeAttached({ timeout: 20_000 });
    await page.getByRole("button", { name: "Keep checking every minute" }).click();
    await expect(page.getByRole("heading", { name: "Your first monitor is live" })).toBeVisible();
    await expect(page.locator("main").getByText("Up", { exact: true }).first()).toBeVisible({ timeout: 30_000 });
    const seconds = (Date.now() - began) / 1000;
    console.log(`from sign-up to the first green check: ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(60);
  });

  await test.step("it is checked more often", async () => {
    await page.getByRole("button", { name: /show my monitor/ }).click();
    await expect(page.getByRole("heading", { level: 1, name: new URL(site.url).host })).toBeVisible();
    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByLabel("Check", { exact: true }).selectOption({ label: "Every 5 seconds" });
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("heading", { level: 1, name: new URL(site.url).host })).toBeVisible();
  });

  const nav = page.getByRole("navigation", { name: "Main" });
  await test.step("the site breaks, and the incident appears without a reload", async () => {
    await nav.getByRole("link", { name: "Incidents" }).click();
    await expect(page.getByText("All clear")).toBeVisible();
    site.break();
    const open = page.getByRole("list", { name: "Open" });
    await expect(open.getByText("Unexpected status")).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText("All clear")).toBeHidden();
    await open.getByRole("link").click();
  });

  await test.step("somebody takes it, and says so", async () => {
    await expect(page.getByText("First failure in", { exact: false }).first()).toBeVisible();
    await expect(page.getByText("Out of order").first()).toBeVisible();
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await expect(page.getByText(/^Acknowledged by/)).toBeVisible();
    await expect(page.getByRole("button", { name: "Acknowledge" })).toBeHidden();
    await page.getByLabel("Comment").fill("The deploy is being rolled back.");
    await page.getByRole("button", { name: "Add comment" }).click();
    await expect(page.getByText("The deploy is being rolled back.")).toBeVisible();
  });

  await test.step("the site is mended, and the incident is over without a reload", async () => {
    site.mend();
    await expect(page.getByText(/Recovered$/)).toBeVisible({ timeout: 40_000 });
    await expect(page.getByText(/^Resolved/).first()).toBeVisible();
    await nav.getByRole("link", { name: "Monitors" }).click();
    await expect(page.getByRole("article").getByText("Up", { exact: true }).first()).toBeVisible();
  });
});
