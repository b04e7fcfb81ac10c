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
    await expect.poll(() => bar.page.locator(".lease p").innerText()).toMatch(/^yours for (11\d|120) s/);
    await bar.page.getByRole("button", { name: /^Finish / }).click();
    await ready(customer.page);
    await customer.page.getByRole("button", { name: "Order another" }).click();
  }
});

browserTest("an order that was never confirmed is not sent a day later", async () => {
  await using customer = await open("/");
  const { page } = customer;
  for (const hours of [-26, 26]) {
    const pending = {
      key: "an-old-key",
      request: { items: [{ sku: "latte", quantity: 2 }] },
      at: Date.now() + hours * 3_600_000,
    };
    await page.evaluate(`localStorage.setItem("doubleshot.pending", ${JSON.stringify(JSON.stringify(pending))})`);
    await page.goto(at("/"));
    await page.getByText("Your last order was never confirmed.").waitFor();
    await page.getByRole("button", { name: "Order 2 for 8.40" }).waitFor();
  }
});
