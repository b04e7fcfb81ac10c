import type { Page } from "playwright-core";
import { expect } from "vitest";
import { browserTest, useBrowser, withoutFailedRequests } from "./browser.fixture.ts";
import { recordNotifications, shownNotifications } from "./notifications.fixture.ts";
import {
  brewNext,
  choose,
  emptyQueue,
  finishButton,
  order,
  orderButton,
  placed,
  ready,
  setHidden,
  take,
} from "./people.fixture.ts";

// Several tabs of one browser, which share six connections to the shop.

const { open, at } = useBrowser();

/** Opens a tab before the others of the same browser. */
async function openTab(before: Page, path: string, shows: string): Promise<Page> {
  await setHidden(before, true);
  const tab = await before.context().newPage();
  await tab.goto(at(path));
  await tab.getByText(shows).first().waitFor();
  return tab;
}

browserTest("of seven tabs the seventh loads and orders, and the first goes on when it is seen again", async () => {
  await using first = await open("/bar");
  await first.page.getByText("0 waiting, 0 in the making").waitFor();
  let latest = first.page;
  for (let tabs = 2; tabs <= 6; tabs++) latest = await openTab(latest, "/display", "Nothing is brewing");
  const customer = await openTab(latest, "/", "Flat white");
  await order(customer, { name: "Seventh" });
  await placed(customer);
  await setHidden(customer, true);
  await setHidden(first.page, false);
  await brewNext(first.page);
  await setHidden(customer, false);
  await ready(customer);
  // A heartbeat that is under way at the finish is refused.
  expect(withoutFailedRequests(first.complaints)).toEqual([]);
});

browserTest("a hidden page with a notification to show, or with its sound on, still hears of each change", async () => {
  await using customer = await open("/", { permissions: ["notifications"] });
  await using bar = await open("/bar");
  await recordNotifications(customer.page);
  await bar.page.getByLabel("Sound for new orders").check();
  await setHidden(bar.page, true);
  await choose(customer.page);
  await orderButton(customer.page).click();
  await customer.page.getByRole("button", { name: "Notify me when it is ready" }).click();
  await setHidden(customer.page, true);
  // The stream alone brings the change: the look at the order from time to time does not work.
  await customer.page.route(/\/orders\/[^/]+$/, (route) => route.abort());
  await brewNext(bar.page);
  await expect.poll(() => shownNotifications(customer.page)).toEqual([["Your coffee is ready", expect.any(String)]]);
});

browserTest(
  "a duplicated tab of the bar is another barista, and the first one keeps its claim over a reload",
  async () => {
    await emptyQueue(at);
    await using bar = await open("/bar");
    const { page } = bar;
    for (const _ of ["first", "second"]) await fetch(at("/orders"), { method: "POST" });
    await take(page);
    // The new window has a copy of this one's storage, as a tab that a person duplicates.
    const opened = page.context().waitForEvent("page");
    await page.evaluate("void window.open('/bar')");
    const duplicate = await opened;
    await duplicate.getByText("Take an order to begin.").waitFor();
    await take(duplicate);
    const codeOfClaim = (tab: Page) => tab.locator(".claim .code").innerText();
    const code = await codeOfClaim(page);
    expect(await codeOfClaim(duplicate)).not.toBe(code);
    await page.reload();
    expect(await codeOfClaim(page)).toBe(code);
    for (const tab of [page, duplicate]) {
      await finishButton(tab).click();
      await tab.getByText(/is finished\.$/).waitFor();
    }
  },
);
