import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { executablePath, launchBrowser, noBrowser, openPage } from "./browser.fixture.ts";

let shop: OpenShop;
let browser: Browser;
beforeAll(async () => {
  if (executablePath === undefined) return;
  [shop, browser] = await Promise.all([openShop(), launchBrowser()]);
});
afterAll(() => Promise.all([browser?.close(), shop?.close()]));

const at = (path: string) => `${shop.services.web[0]?.url}${path}`;

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name });

async function order(page: Page, { coffee, name }: { readonly coffee: string; readonly name: string }): Promise<void> {
  await page.getByRole("radio", { name: coffee }).check();
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: /^Order 1 × / }).click();
}

test("an order is claimed and finished, and the customer's page and the display show it", async ({ skip }) => {
  if (executablePath === undefined) skip(noBrowser);
  const customer = await openPage(browser, at("/"));
  const bar = await openPage(browser, at("/bar"));
  const display = await openPage(browser, at("/display"));

  await order(customer.page, { coffee: "Flat white", name: "Ada <b>& Söhne</b> 👩🏽‍🚀" });
  await heading(customer.page, "In the queue").waitFor();
  await customer.page.reload();
  await heading(customer.page, "In the queue").waitFor();

  await bar.page.getByText("Ada <b>& Söhne</b> 👩🏽‍🚀").waitFor();
  // By keyboard alone: the claim moves the focus to the button that finishes.
  await bar.page.getByRole("button", { name: "Take the next order" }).focus();
  await bar.page.keyboard.press("Enter");
  await heading(customer.page, "Your coffee is being made").waitFor();
  await display.page.locator(".brewing", { hasText: "Ada <b>& Söhne</b> 👩🏽‍🚀" }).waitFor();

  await bar.page.reload();
  await bar.page.getByLabel("Note to the customer").fill("Extra hot!");
  await bar.page.getByRole("button", { name: /^Finish / }).focus();
  await bar.page.keyboard.press("Enter");
  await heading(customer.page, "Your coffee is ready").waitFor();
  await customer.page.getByText("From your barista: Extra hot!").waitFor();
  await display.page.locator(".ready", { hasText: "Ada <b>& Söhne</b> 👩🏽‍🚀" }).waitFor();
  await display.page.locator(".brewing", { hasText: "Nothing is brewing" }).waitFor();

  for (const { complaints, foreign } of [customer, bar, display]) {
    expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
  }
});
