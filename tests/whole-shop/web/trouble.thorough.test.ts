import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { browserTest, useBrowser, withoutFailedRequests } from "./browser.fixture.ts";
import {
  brewNext,
  choose,
  emptyQueue,
  finishButton,
  heading,
  order,
  orderButton,
  orderId,
  placed,
  ready,
  releaseBehind,
  take,
} from "./people.fixture.ts";

// Failures around a page: of the network, of the shop's servers, and at the shop's limits.

const data = mkdtempSync(join(tmpdir(), "doubleshot-pages-"));
afterAll(() => rmSync(data, { recursive: true, force: true }));
const { open, at, shop } = useBrowser(() => ({ data }));

const offline = "This device is offline. This page goes on by itself when it is back.";
const ordersOf = async (name: string) => {
  const { orders } = (await (await fetch(at("/orders?limit=100"))).json()) as { orders: { name?: string }[] };
  return orders.filter((order) => order.name === name);
};

browserTest("a connection that is cut and restored: the pages say so, and go on by themselves", async () => {
  await emptyQueue(at);
  await using customer = await open("/");
  await using bar = await open("/bar");
  await using display = await open("/display");
  await order(customer.page, { name: "Cut" });
  await placed(customer.page);
  await bar.page.locator(".queue", { hasText: "Cut" }).waitFor();
  for (const { page } of [customer, display]) {
    await page.context().setOffline(true);
    await page.getByText(offline).waitFor();
  }
  await brewNext(bar.page);
  for (const { page } of [customer, display]) await page.context().setOffline(false);
  await ready(customer.page);
  await display.page.locator(".ready", { hasText: "Cut" }).waitFor();
  for (const { page, complaints } of [customer, display]) {
    expect(await page.getByText(offline).count()).toBe(0);
    expect(withoutFailedRequests(complaints)).toEqual([]);
  }
});

browserTest("an order that is sent without a network is kept, and placed once when it is back", async () => {
  await using customer = await open("/");
  const { page } = customer;
  await choose(page, { name: "Later" });
  await page.context().setOffline(true);
  await orderButton(page).click();
  await page.getByText("Your order is kept here and sent again by itself.").waitFor();
  expect(await ordersOf("Later")).toEqual([]);
  await page.context().setOffline(false);
  await placed(page);
  expect(await ordersOf("Later")).toHaveLength(1);
});

browserTest("an order whose answer is lost is placed once, also after a reload", async () => {
  await using customer = await open("/");
  const { page } = customer;
  // The shop gets the order, and the page learns nothing of it.
  await page.route("**/orders", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await order(page, { name: "Lost" });
  await page.getByText("Your order is kept here and sent again by itself.").waitFor();
  await page.unroute("**/orders");
  await page.reload();
  await placed(page);
  expect(await ordersOf("Lost")).toHaveLength(1);
});

browserTest("the order page shows the shop's name before its script has come, and once afterwards", async () => {
  await using early = await open("/", { javaScriptEnabled: false });
  expect(await early.page.locator("#page .brand").allInnerTexts()).toEqual(["Doubleshot"]);
  await using customer = await open("/");
  await customer.page.getByText("Flat white").waitFor();
  expect(await customer.page.locator(".brand").allInnerTexts()).toEqual(["Doubleshot"]);
});

browserTest("over a limit, the page says so and places the order when the shop takes it", async () => {
  await using customer = await open("/");
  const { page } = customer;
  let refusals = 0;
  await page.route("**/orders", (route) => {
    refusals += 1;
    if (refusals > 1) return route.fallback();
    return route.fulfill({ status: 429, headers: { "retry-after": "1" }, json: { detail: "Too many orders." } });
  });
  await order(page, { name: "Limited" });
  await page.getByText("Many orders come from your network right now.").waitFor();
  await placed(page);
});

browserTest("while the shop is busy, each page says so in the place of its contents, and fills by itself", async () => {
  for (const { path, api, shows } of [
    { path: "/", api: "**/menu", shows: "Flat white" },
    { path: "/bar", api: "**/events", shows: "waiting" },
    { path: "/display", api: "**/events", shows: "Brewing" },
  ]) {
    await using watched = await open("/docs");
    const { page } = watched;
    let isBusy = true;
    await page.route(api, (route) =>
      isBusy ? route.fulfill({ status: 503, headers: { "retry-after": "1" }, json: {} }) : route.fallback(),
    );
    await page.goto(at(path));
    await page.locator(".notice", { hasText: /shop is busy|connection to the shop is lost/ }).waitFor();
    isBusy = false;
    await page.getByText(shows).first().waitFor();
    await page.locator(".notice").waitFor({ state: "detached" });
  }
});

browserTest("each server restarts in the middle: no order is lost, and no page has to be loaded again", async () => {
  await emptyQueue(at);
  await using customer = await open("/");
  await using bar = await open("/bar");
  await using display = await open("/display");
  const restart = async (name: "web" | "orders" | "barista" | "customers" | "aws") => {
    const process = name === "aws" ? shop().aws : shop().services[name][0];
    await process?.kill();
    await process?.up();
  };
  for (const name of ["web", "orders", "barista", "customers", "aws"] as const) {
    await order(customer.page, { name });
    await placed(customer.page);
    await bar.page.locator(".queue", { hasText: name }).waitFor();
    await take(bar.page);
    await restart(name);
    // The page says that it did not work, and the person presses again.
    await expect
      .poll(async () => {
        const button = finishButton(bar.page);
        // The button may go between the count and the click, and a click waits for it.
        if ((await button.count()) === 1) await button.click({ timeout: 1_000 }).catch(() => undefined);
        return finishButton(bar.page).count();
      })
      .toBe(0);
    await ready(customer.page);
    await display.page.locator(".ready", { hasText: name }).waitFor();
    expect(await ordersOf(name)).toHaveLength(1);
    await customer.page.getByRole("button", { name: "Order another" }).click();
  }
  for (const { complaints } of [customer, bar, display]) expect(withoutFailedRequests(complaints)).toEqual([]);
});

browserTest("without a network the pages open, say so, and show no order of before", async () => {
  await using customer = await open("/", { serviceWorkers: "allow" });
  const { page } = customer;
  await page.evaluate("navigator.serviceWorker.ready");
  await order(page, { name: "Kept" });
  await placed(page);
  const id = await orderId(page);
  await page.context().setOffline(true);
  await page.reload();
  await page.getByText(offline).first().waitFor();
  expect(await heading(page, "In the queue").count()).toBe(0);
  for (const path of ["/bar", "/display", "/engine", "/bar/"]) {
    await page.goto(at(path));
    await page.getByText(offline).first().waitFor();
  }
  await page.context().setOffline(false);
  await page.goto(at(`/?order=${id}`));
  await placed(page);
  // Nothing that the shop answered is kept: pages and their files alone.
  const kept = (await page.evaluate(
    "caches.open('doubleshot-pages').then(async (cache) => (await cache.keys()).map(({ url }) => new URL(url).pathname))",
  )) as string[];
  expect(kept.filter((path) => !/^\/(bar|display|engine)?$|^\/assets\//.test(path))).toEqual([]);
  expect(kept.length).toBeGreaterThan(6);
  expect(withoutFailedRequests(customer.complaints)).toEqual([]);
});

browserTest("a claim whose barista is gone goes to the next one, and a late finish is refused in words", async () => {
  await emptyQueue(at);
  await using customer = await open("/");
  await using one = await open("/bar");
  await using other = await open("/bar");
  await order(customer.page, { name: "Lapsed" });
  await take(one.page);
  const id = await orderId(customer.page);
  await releaseBehind(one.page, id);
  await take(other.page);
  await finishButton(one.page).click();
  await one.page.getByText(/is no longer yours: another barista has it, or it is finished or cancelled\.$/).waitFor();
  await finishButton(other.page).click();
  await ready(customer.page);
});
