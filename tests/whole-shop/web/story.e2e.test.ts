import { expect } from "vitest";
import { browserTest, useBrowser, type WatchedPage } from "./browser.fixture.ts";
import { brewing, brewNext, codeOf, finishButton, order, orderId, placed, ready, takeNext } from "./people.fixture.ts";

const { open } = useBrowser();

const clean = ({ complaints, foreign }: WatchedPage) =>
  expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });

browserTest("an order is claimed and finished, and the customer's page and the display show it", async () => {
  await using customer = await open("/");
  await using bar = await open("/bar");
  await using display = await open("/display");
  const ada = "Ada <b>& Söhne</b> 👩🏽‍🚀";

  await order(customer.page, { drink: "Flat white", count: 2, name: ada });
  await placed(customer.page);
  await customer.page.getByText("You are next.").waitFor();
  await customer.page.reload();
  await placed(customer.page);
  await customer.page.getByText("2 × Flat white").first().waitFor();

  await bar.page.locator(".queue").getByText(ada).waitFor();
  // By keyboard alone: the claim moves the focus to the button that finishes.
  await takeNext(bar.page).focus();
  await bar.page.keyboard.press("Enter");
  await brewing(customer.page);
  await display.page.locator(".brewing", { hasText: ada }).waitFor();

  await bar.page.reload();
  await bar.page.getByLabel("Note to the customer").fill("Extra hot!");
  await bar.page.keyboard.press("Tab");
  await expect.poll(() => finishButton(bar.page).evaluate((button) => button.matches(":focus"))).toBe(true);
  await bar.page.keyboard.press("Enter");
  await ready(customer.page);
  await customer.page.getByText("From your barista: Extra hot!").waitFor();
  await display.page.locator(".ready", { hasText: ada }).waitFor();
  await display.page.locator(".brewing", { hasText: "Nothing is brewing" }).waitFor();
  for (const watched of [customer, bar, display]) clean(watched);
});

browserTest("two customers and two baristas: each order is claimed once, and places move up", async () => {
  await using first = await open("/");
  await using second = await open("/");
  await order(first.page, { name: "First" });
  await placed(first.page);
  await order(second.page, { name: "Second" });
  await second.page.getByText("One order is before yours.").waitFor();

  await using one = await open("/bar");
  await using other = await open("/bar");
  await one.page.locator(".queue .ticket").nth(1).waitFor();
  await Promise.all([takeNext(one.page).click(), takeNext(other.page).click()]);
  const claimed = (bar: WatchedPage) => bar.page.locator(".claim .code").allInnerTexts();
  await expect.poll(async () => (await claimed(one)).length + (await claimed(other)).length).toBe(2);
  const expected = [await orderId(first.page), await orderId(second.page)].map(codeOf);
  expect([...(await claimed(one)), ...(await claimed(other))].sort()).toEqual(expected.sort());
  await Promise.all([brewing(first.page), brewing(second.page)]);

  // The lease of a barista goes on with its tab, and a release gives the order back.
  await one.page.getByRole("button", { name: /^Give .+ back$/ }).click();
  await one.page.getByText(/is back in the queue\.$/).waitFor();
  await finishButton(other.page).click();
  await brewNext(one.page);
  await Promise.all([ready(first.page), ready(second.page)]);
  for (const watched of [first, second, one, other]) clean(watched);
});

browserTest("two boards that race for one order: one gets it, and the other says that nothing waits", async () => {
  await using customer = await open("/");
  await using one = await open("/bar");
  await using other = await open("/bar");
  await order(customer.page);
  for (const bar of [one, other]) await bar.page.locator(".queue .ticket").waitFor();
  await Promise.all([takeNext(one.page).click(), takeNext(other.page).click()]);
  const nothing = ({ page }: WatchedPage) => page.getByText("Nothing waits. New orders appear by themselves.");
  await expect.poll(async () => (await nothing(one).count()) + (await nothing(other).count())).toBe(1);
  const winner = (await nothing(one).count()) === 1 ? other : one;
  await finishButton(winner.page).click();
  await ready(customer.page);
});
