import { Api, addMonitor } from "./support/api";
import { expect, test, watch } from "./support/test";

test("two organisations never see each other", async ({ browser, page, context, site }) => {
  const mine = await Api.signUp(context);
  const monitor = await addMonitor(mine, "Mine alone", site.url);
  site.break();
  const incidents = () => mine.get<{ items: { id: string }[] }>("incidents?state=open");
  await expect.poll(async () => (await incidents()).items.length, { timeout: 30_000 }).toBe(1);
  const incident = (await incidents()).items[0]?.id;
  await page.goto("/monitors");
  await expect(page.getByRole("article", { name: "Mine alone" })).toBeVisible();

  const elsewhere = await browser.newContext();
  const wrongs = await watch(elsewhere);
  const theirs = await Api.signUp(elsewhere);
  expect(await theirs.status(`monitors/${monitor.id}`)).toBe(404);
  expect(await theirs.status(`incidents/${incident}`)).toBe(404);
  const other = await elsewhere.newPage();
  await other.goto("/overview");
  await expect(other.getByRole("heading", { name: "What should be watched?" })).toBeVisible();
  for (const path of ["/monitors", "/incidents", "/overview"]) {
    await other.goto(path);
    await expect(other.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(other.getByText("Mine alone")).toHaveCount(0);
  }
  await other.goto(`/monitors/${monitor.id}`);
  await expect(other.getByText(/never existed/).first()).toBeVisible();
  await other.goto(`/incidents/${incident}`);
  await expect(other.getByText(/never existed/).first()).toBeVisible();
  expect(wrongs).toEqual([]);
  await elsewhere.close();
});

test("who is signed out is asked to sign in, and comes back to where they wanted to go", async ({ page, context }) => {
  await page.goto("/alerting?tab=policies");
  await expect(page).toHaveURL(/\/login\?next=/);
  await Api.signUp(context);
  await page.goto("/alerting?tab=policies");
  await expect(page.getByRole("tab", { name: "Policies" })).toHaveAttribute("aria-selected", "true");
});
