import { Api } from "./support/api";
import { expect, test } from "./support/test";

test("signing out signs every tab out, and nothing of it comes back", async ({ page, context }) => {
  await Api.signIn(context);
  const other = await context.newPage();
  await other.goto("/regions");
  await expect(other.getByRole("heading", { level: 1, name: "Regions" })).toBeVisible();

  await page.goto("/monitors");
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expect(other.getByRole("button", { name: "Sign in" })).toBeVisible();

  await page.goBack();
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
});
