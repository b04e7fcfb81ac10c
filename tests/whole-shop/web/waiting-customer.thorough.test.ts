import { expect } from "vitest";
import { browserTest, useBrowser } from "./browser.fixture.ts";
import { recordNotifications, shownNotifications } from "./notifications.fixture.ts";
import {
  brewing,
  brewNext,
  choose,
  codeOf,
  finishButton,
  heading,
  order,
  orderButton,
  orderId,
  placed,
  ready,
  take,
} from "./people.fixture.ts";

// A customer waits for an order: cancels it, hears how long it takes, and is notified.

const { open, at } = useBrowser();

browserTest("a waiting order is cancelled, a started one is not", async () => {
  await using customer = await open("/");
  await order(customer.page);
  await placed(customer.page);
  await customer.page.getByRole("button", { name: "Cancel the order" }).click();
  await heading(customer.page, "Cancelled").waitFor();
  await customer.page.getByRole("button", { name: "Order another" }).click();

  await using bar = await open("/bar");
  await order(customer.page);
  await placed(customer.page);
  // The bar's refusal comes before the page has heard of the barista.
  await customer.page.route("**/cancel", (route) => route.fulfill({ status: 409, json: {} }));
  await customer.page.getByRole("button", { name: "Cancel the order" }).click();
  const tooLate = customer.page.getByText("Too late to cancel.");
  await tooLate.waitFor();
  await take(bar.page);
  await brewing(customer.page);
  expect(await tooLate.count()).toBe(1);
  expect(await customer.page.getByRole("button", { name: "Cancel the order" }).count()).toBe(0);
  await finishButton(bar.page).click();
  await ready(customer.page);
  // All that was ordered here is listed, the latest first.
  await customer.page.getByRole("button", { name: "Order another" }).click();
  expect(await customer.page.locator(".past .hint").allInnerTexts()).toEqual([
    expect.stringContaining("Your coffee is ready"),
    expect.stringContaining("Cancelled"),
  ]);
});

browserTest("three brews later, the page says how long it will take", async () => {
  await using customer = await open("/");
  await using bar = await open("/bar");
  for (let brewed = 0; brewed < 3; brewed++) {
    await fetch(at("/orders"), { method: "POST" });
    await brewNext(bar.page);
  }
  await order(customer.page);
  await customer.page.getByText("You are next. Less than a minute.").waitFor();
  await brewNext(bar.page);
});

browserTest("a notification comes when it is ready, if the customer asked for it", async () => {
  await using customer = await open("/", { permissions: ["notifications"] });
  await using bar = await open("/bar");
  await recordNotifications(customer.page);
  await choose(customer.page);
  await orderButton(customer.page).click();
  await customer.page.getByRole("button", { name: "Notify me when it is ready" }).click();
  await customer.page.getByText("A notification comes when it is ready.").waitFor();
  await brewNext(bar.page);
  await ready(customer.page);
  const body = `${codeOf(await orderId(customer.page))} stands at the bar.`;
  await expect.poll(() => shownNotifications(customer.page)).toEqual([["Your coffee is ready", body]]);
});
