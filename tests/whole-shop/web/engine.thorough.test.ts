import type { Page } from "playwright-core";
import { expect } from "vitest";
import { browserTest, useBrowser, withoutFailedRequests } from "./browser.fixture.ts";
import { expectToFit, findings } from "./looks.fixture.ts";
import { brewNext, codeOf, order, orderId, placed, ready } from "./people.fixture.ts";

// The engine room: break the shop with a button, and watch it heal.

const { open } = useBrowser(() => ({ faults: true, inspector: true }));

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });
const stage = (page: Page, name: string) =>
  page.locator(".stage", { has: page.getByRole("heading", { name, exact: true }) });

browserTest("a message that a button doubles is handled once, and its order's journey shows it", async () => {
  await using engine = await open("/engine");
  await using customer = await open("/");
  await using bar = await open("/bar");
  await button(engine.page, "Deliver twice: the next message").click();
  await engine.page.getByText("Set for the next message: deliver twice.").waitFor();
  await order(customer.page);
  const id = await orderId(customer.page);
  await engine.page.getByText("OrderPlaced was delivered twice.").waitFor();
  await button(engine.page, `Show order ${codeOf(id)}`).click();
  const handled = engine.page.locator(".steps .handled", { hasText: "OrderPlaced" });
  await handled.getByText("delivered twice, handled once").waitFor();
  await engine.page.locator(".duplicates", { hasText: "1" }).waitFor();
  await brewNext(bar.page);
  await ready(customer.page);
  await engine.page.locator(".steps .handled", { hasText: "BrewFinished" }).waitFor();
  expect(await handled.count()).toBe(1);
  const row = handled.getByRole("link");
  const shown = await fetch((await row.getAttribute("href")) ?? "");
  expect([shown.status, await shown.text()]).toEqual([200, expect.stringContaining("handledAt")]);
  for (const { complaints, foreign } of [engine, customer, bar]) {
    expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
  }
});

browserTest("relays that a button kills, and then stops, come back, and the coffee arrives", async () => {
  await using engine = await open("/engine");
  await using customer = await open("/");
  await using bar = await open("/bar");
  await engine.page.getByText("3 relays run.").waitFor();
  await button(engine.page, "Kill the relays").click();
  await engine.page.getByText("0 of 3 relays run").waitFor();
  await button(engine.page, "Stop the relays").click();
  await engine.page.getByText("Stopped: events wait in the stream.").waitFor();
  await order(customer.page, { drink: "Latte" });
  await placed(customer.page);
  await stage(engine.page, "Stream").locator("div", { hasText: "waiting" }).getByText("1", { exact: true }).waitFor();
  await bar.page.getByText("No order waits.").waitFor();
  await button(engine.page, "Start the relays").click();
  await brewNext(bar.page);
  await ready(customer.page);
  await engine.page.getByText("2 of 3 relays run").waitFor();
  await stage(engine.page, "Stream").locator("div", { hasText: "waiting" }).getByText("0", { exact: true }).waitFor();
});

browserTest("a service that a button kills comes back while DynamoDB stalls, and the order is there", async () => {
  await using engine = await open("/engine");
  await using customer = await open("/");
  await using bar = await open("/bar");
  await order(customer.page);
  await button(engine.page, "Stall for 2 s").click();
  await button(engine.page, "Kill orders").click();
  await engine.page.getByText("orders was killed.").waitFor();
  await brewNext(bar.page);
  await ready(customer.page);
  expect(withoutFailedRequests(engine.complaints)).toEqual([]);
});

browserTest("an order that is unknown is said to be", async () => {
  await using engine = await open("/engine?order=%3Cb%3Enothing");
  await engine.page.getByText("This order has no rows. Check its id.").waitFor();
});

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(
    `the engine room has no serious finding in the ${colorScheme}, and fits from 360 to 1440 pixels`,
    async () => {
      await using watched = await open("/engine", { colorScheme, reducedMotion: "reduce" });
      const { page } = watched;
      await page.locator(".recent button").first().click();
      await page.locator(".steps li").first().waitFor();
      await page.getByText("What has been broken").first().waitFor();
      expect(await findings(page)).toEqual([]);
      await expectToFit(page);
      expect(watched.complaints).toEqual([]);
    },
  );
}

browserTest(
  "a shop that is away, or a device that is offline, is said to be, and the room goes on by itself",
  async () => {
    await using watched = await open("/engine");
    const { page } = watched;
    await page.getByRole("heading", { name: "The way of an event" }).waitFor();
    await page.context().setOffline(true);
    await page.getByText("This device is offline.").first().waitFor();
    await page.context().setOffline(false);
    await page.route("**/engine/pipeline*", (route) =>
      route.fulfill({ status: 503, headers: { "retry-after": "1" }, body: "" }),
    );
    await page.getByText("The figures below are the last ones").waitFor();
    await page.unroute("**/engine/pipeline*");
    await expect.poll(() => page.getByText("The figures below are the last ones").count()).toBe(0);
    await page.getByText("This device is offline.").first().waitFor({ state: "detached" });
  },
);
