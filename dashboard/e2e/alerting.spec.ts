import { Api } from "./support/api";
import { expect, test } from "./support/test";

test("a channel is made, tested, told of by a policy, and deleted", async ({ page, context, site }) => {
  await Api.signUp(context);
  await page.goto("/alerting");
  await page.getByRole("button", { name: "Add channel" }).click();
  await page.getByRole("menuitem", { name: "Webhook" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: "Add channel" }).click();
  await expect(page.getByText("Give the channel a name.")).toBeVisible();
  await page.getByLabel("Name").fill("On call");
  await page.getByLabel("URL").fill(site.url);
  await sheet.getByRole("button", { name: "Add channel" }).click();
  await expect(page.getByText("Copy the signing secret now")).toBeVisible();
  await expect(page.getByText(/^whsec_/)).toBeVisible();
  await page.getByRole("button", { name: "I have copied it" }).click();

  await page.getByRole("button", { name: "Send test to On call" }).click();
  await expect(page.getByText("The test arrived")).toBeVisible();
  await page.getByRole("button", { name: "Close" }).last().click();

  await page.getByRole("tab", { name: "Policies" }).click();
  await expect(page.getByText(/^Nobody will be told:/)).toBeVisible();
  await page.getByRole("button", { name: "Edit Default" }).click();
  await page.getByLabel("On call").click();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("would be told", { exact: true })).toBeVisible();
  await expect(page.getByText(/^Nobody will be told:/)).toBeHidden();

  await page.getByRole("tab", { name: "Channels" }).click();
  await page.getByRole("button", { name: "More for On call" }).click();
  await page.getByRole("menuitem", { name: "Deliveries" }).click();
  await expect(page.getByText("arrived, status 200", { exact: false })).toBeVisible();
  await page.getByRole("tab", { name: "Channels" }).click();
  await page.getByRole("button", { name: "More for On call" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByText("It is taken out of “Default”.")).toBeVisible();
  await page.getByRole("button", { name: "Delete channel" }).click();
  await expect(page.getByText("On call", { exact: true })).toHaveCount(0);
});
