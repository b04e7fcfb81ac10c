import { expect } from "vitest";
import { browserTest, useBrowser, withoutFailedRequests } from "./browser.fixture.ts";
import { brewNext, choose, heading, order, orderButton, orderId, placed, ready, take } from "./people.fixture.ts";

// Odd input from people and their devices.

const { open, at } = useBrowser();

/** Runs in the page before its own scripts. */
const withoutStorage = `for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
}`;
const withFullStorage = `Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };`;

browserTest("markup, emoji sequences and other scripts in a name are letters, everywhere", async () => {
  await using customer = await open("/");
  await using bar = await open("/bar");
  await using display = await open("/display");
  const names = [`<img src=x onerror="document.title='hit'">`, "👩‍👩‍👧‍👦🏳️‍🌈é🇩🇪", "‮evil‬ مرحبا", "{{7*7}} <%= 7 %> \\n"];
  for (const name of names) {
    await order(customer.page, { name });
    await placed(customer.page);
    await customer.page.getByText(name, { exact: false }).first().waitFor();
    await bar.page.locator(".queue").getByText(name).waitFor();
    await brewNext(bar.page);
    await ready(customer.page);
    await display.page.locator(".ready").getByText(name, { exact: true }).waitFor();
    await customer.page.getByRole("button", { name: "Order another" }).click();
  }
  for (const { page, complaints } of [customer, bar, display]) {
    expect(complaints).toEqual([]);
    expect(await page.title()).not.toContain("hit");
  }
});

browserTest("a name of 5,000 characters is refused in words beside the field, and what fits is taken", async () => {
  await using customer = await open("/");
  await using bar = await open("/bar");
  const { page } = customer;
  await choose(page, { name: "ä".repeat(5_000) });
  await page.getByText("Please shorten your name to 200 characters.").waitFor();
  await orderButton(page).click();
  expect(await heading(page, "What may we brew?").count()).toBe(1);
  // 200 characters of two code units each.
  await page.getByLabel("Your name").fill("☕🫘".repeat(100));
  await orderButton(page).click();
  await placed(page);
  await take(bar.page);
  await bar.page.getByLabel("Note to the customer").fill("n".repeat(5_000));
  await bar.page.getByText("Please shorten the note to 500 characters.").waitFor();
  await bar.page.getByRole("button", { name: /^Finish / }).click();
  await bar.page.getByLabel("Note to the customer").fill("n".repeat(500));
  await bar.page.getByRole("button", { name: /^Finish / }).click();
  await ready(page);
  expect(customer.complaints).toEqual([]);
});

browserTest("an unknown order in the address is said in words, with a way to order", async () => {
  for (const id of [
    "nothing",
    "01a1fc6f-67fa-72ac-a3ff-000000000001",
    "../../tickets",
    "%00",
    `${"9".repeat(3_000)}`,
  ]) {
    await using customer = await open(`/?order=${id}`);
    const { page } = customer;
    await heading(page, "The shop knows no such order.").waitFor();
    await page.getByRole("button", { name: "Order another" }).click();
    await choose(page);
    expect(withoutFailedRequests(customer.complaints)).toEqual([]);
  }
});

browserTest("an empty order cannot be sent", async () => {
  await using customer = await open("/");
  await customer.page.getByText("Flat white").waitFor();
  await customer.page.getByLabel("Your name").press("Enter");
  expect(await heading(customer.page, "What may we brew?").count()).toBe(1);
});

const ordersWithout = (init: string) => async () => {
  await using customer = await open("/", { init });
  await using bar = await open("/bar", { init });
  await order(customer.page, { name: "Unkept" });
  await customer.page.getByText("This browser keeps nothing. Leave this page open").waitFor();
  await placed(customer.page);
  await brewNext(bar.page);
  await ready(customer.page);
  expect([...customer.complaints, ...bar.complaints]).toEqual([]);
};

browserTest(
  "while storage is off, orders are placed and brewed, and the page says that it must stay open",
  ordersWithout(withoutStorage),
);
browserTest(
  "while storage is full, orders are placed and brewed, and the page says that it must stay open",
  ordersWithout(withFullStorage),
);

browserTest("broken values in the storage are none", async () => {
  await using customer = await open("/");
  const keys = ["pending", "orders", "customer", "staff", "notify"].map((name) => `doubleshot.${name}`);
  for (const value of ["{", "null", "7", '{"key":1}', '[{"id":1},null]', '""']) {
    for (const key of keys) await customer.page.evaluate(`localStorage.setItem("${key}", ${JSON.stringify(value)})`);
    await customer.page.goto(at("/"));
    await heading(customer.page, "What may we brew?").waitFor();
  }
  expect(customer.complaints).toEqual([]);
});

browserTest("two tabs show the same order, and each sees what the other orders", async () => {
  await using customer = await open("/");
  await using bar = await open("/bar");
  const second = await customer.page.context().newPage();
  await second.goto(at("/"));
  await order(customer.page, { name: "Tabs" });
  await placed(customer.page);
  await second.locator(".past").first().click();
  await placed(second);
  expect(await orderId(second)).toBe(await orderId(customer.page));
  await brewNext(bar.page);
  await Promise.all([ready(customer.page), ready(second)]);
});

browserTest("a device whose clock is a day wrong counts ages and leases by the clock of the shop", async () => {
  await using customer = await open("/");
  for (const hours of [-26, 26]) {
    const init = `Date.now = ((now) => () => now() + ${hours} * 3600000)(Date.now);`;
    await using bar = await open("/bar", { init });
    await order(customer.page);
    await placed(customer.page);
    await expect.poll(() => bar.page.locator(".queue .age").first().innerText()).toMatch(/^[0-9] s$|^1[0-9] s$/);
    await take(bar.page);
    await expect.poll(() => bar.page.locator(".lease p").innerText()).toMatch(/^yours for (14\d|150) s/);
    await bar.page.getByRole("button", { name: /^Finish / }).click();
    await ready(customer.page);
    await customer.page.getByRole("button", { name: "Order another" }).click();
  }
});

/** As a phone keeps an order whose answer never came. */
const pendingOrder = (name: string, hours: number) => ({
  key: crypto.randomUUID(),
  request: { items: [{ sku: "latte", quantity: 2 }], name },
  at: Date.now() + hours * 3_600_000,
});

browserTest("an order without an answer is not sent two hours later without a question", async () => {
  await using customer = await open("/");
  const { page } = customer;
  const posts: string[] = [];
  page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
  for (const hours of [-2, -26, 26]) {
    const pending = pendingOrder(`Late ${hours}`, hours);
    await page.evaluate(`localStorage.setItem("doubleshot.pending", ${JSON.stringify(JSON.stringify([pending]))})`);
    await page.goto(at("/"));
    await page.getByText(/^You tried to order 2 × Latte at .*\d:\d\d/).waitFor();
    await page.getByRole("button", { name: hours === -2 ? "Order it now" : "Order it again" }).waitFor();
    expect(posts).toEqual([]);
    await page.getByRole("button", { name: "Forget it" }).click();
    await page.goto(at("/"));
    await heading(page, "What may we brew?").waitFor();
  }
  expect(customer.complaints).toEqual([]);
});

browserTest("an order that still stands two hours later is placed once, also if the shop has it already", async () => {
  await using customer = await open("/");
  const { page } = customer;
  for (const isPlaced of [false, true]) {
    const { key, request, at: pressedAt } = pendingOrder(`Standing ${isPlaced}`, -2);
    const headers = { "content-type": "application/json", "idempotency-key": key };
    const before = isPlaced && (await fetch(at("/orders"), { method: "POST", headers, body: JSON.stringify(request) }));
    const stored = JSON.stringify([{ key, request, at: pressedAt }]);
    await page.evaluate(`localStorage.setItem("doubleshot.pending", ${JSON.stringify(stored)})`);
    await page.evaluate(`localStorage.removeItem("doubleshot.orders")`);
    await page.goto(at("/"));
    await page.getByRole("button", { name: "Order it now" }).click();
    await placed(page);
    if (before) expect(await before.json()).toMatchObject({ id: await orderId(page) });
    expect(await page.evaluate(`localStorage.getItem("doubleshot.pending")`)).toBe("[]");
  }
  expect(customer.complaints).toEqual([]);
});

browserTest("two tabs that order at once, without a network: each order is placed once", async () => {
  for (const areClosed of [false, true]) {
    await using customer = await open("/");
    const { page } = customer;
    const context = page.context();
    const second = await context.newPage();
    await second.goto(at("/"));
    const names = [`One ${areClosed}`, `Two ${areClosed}`];
    for (const [index, tab] of [page, second].entries()) await choose(tab, { name: names[index] ?? "" });
    await context.setOffline(true);
    for (const tab of [page, second]) {
      await orderButton(tab).click();
      await tab.getByText("Your order is kept here and sent again by itself.").waitFor();
    }
    const third = await context.newPage();
    if (areClosed) await Promise.all([page.close(), second.close()]);
    await context.setOffline(false);
    if (!areClosed) await Promise.all([placed(page), placed(second)]);
    for (const _ of names) {
      await third.goto(at("/"));
      await placed(third);
    }
    const { orders } = Object(await (await fetch(at("/orders?limit=100"))).json());
    for (const name of names) {
      expect(orders.filter((order: { name?: string }) => order.name === name)).toHaveLength(1);
    }
  }
});
