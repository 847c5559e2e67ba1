import { Api, addMonitor } from "./support/api";
import { expect, test } from "./support/test";

test("a link restores filters, range and tab", async ({ page, context, site }) => {
  const api = await Api.signUp(context);
  const shop = await addMonitor(api, "Shop", site.url);
  await addMonitor(api, "Blog", `${site.url}blog`);

  await page.goto("/monitors?q=shop&sort=name");
  await expect(page.getByLabel("Filter by name, address or tag")).toHaveValue("shop");
  await expect(page.getByRole("article")).toHaveCount(1);
  await expect(page.getByLabel("Sort by")).toHaveValue("name");
  await page.getByRole("link", { name: "Shop" }).click();
  await expect(page).toHaveURL(new RegExp(shop.id));
  await page.goBack();
  await expect(page).toHaveURL(/q=shop/);

  await page.goto(`/monitors/${shop.id}?range=7d&pct=p99`);
  await expect(page.getByRole("heading", { level: 1, name: "Shop" })).toBeVisible();
  await expect(page).toHaveURL(/range=7d/);
  await page.reload();
  await expect(page).toHaveURL(/pct=p99/);

  await page.goto("/incidents?state=resolved&kind=certificate&since=7d");
  await expect(page.getByLabel("State")).toHaveValue("resolved");
  await expect(page.getByLabel("Kind")).toHaveValue("certificate");
  await expect(page.getByText("No resolved incidents in 7 days")).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).first().click();
  await expect(page.getByText("All clear")).toBeVisible();

  await page.goto("/alerting?tab=deliveries&state=dead");
  await expect(page.getByRole("tab", { name: "Deliveries" })).toHaveAttribute("aria-selected", "true");
  await expect(page.getByText("Nothing was given up")).toBeVisible();
});

test("what does not exist says so", async ({ page, context }) => {
  await Api.signUp(context);
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  await page.goto("/incidents/00000000-0000-4000-8000-000000000000");
  await expect(page.getByText("Deleted, or never existed")).toBeVisible();
});

test("a page that cannot be fetched says so within the others, and comes with the network", async ({
  page,
  context,
}) => {
  const api = await Api.signUp(context);
  await addMonitor(api, "Shop", "https://shop.example");
  await page.goto("/monitors");
  await expect(page.getByRole("article")).toHaveCount(1);

  await context.setOffline(true);
  await page.getByRole("link", { name: "Regions" }).first().click();
  await expect(page.getByRole("heading", { name: "This page did not load" })).toBeVisible();
  await expect(page.getByText("UpGuard was updated")).toHaveCount(0);
  await page.getByRole("link", { name: "Monitors" }).first().click();
  await expect(page.getByRole("article")).toHaveCount(1);

  await page.getByRole("link", { name: "Regions" }).first().click();
  await expect(page.getByRole("heading", { name: "This page did not load" })).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByRole("heading", { level: 1, name: "Regions" })).toBeVisible();
});
