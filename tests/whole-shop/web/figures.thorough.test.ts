import { expect } from "vitest";
import { browserTest, useBrowser } from "./browser.fixture.ts";
import { brewing, choose, finishButton, orderButton, placed, ready, take } from "./people.fixture.ts";

// Figures of the pages, printed and not asserted: they depend on the machine.

const { open, at } = useBrowser(() => ({ env: { RATE_BURST: "2000", OPEN_ORDERS: "2000" } }));

const print = (line: string) => process.stdout.write(`${line}\n`);
const rounds = 20;
const tickets = 500;
/** @see https://developer.mozilla.org/docs/Web/API/PerformanceLongTaskTiming */
const recordLongTasks = `
  globalThis.longTasks = [];
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask" });
`;

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

browserTest("the first paint of the order page", async () => {
  const paints: number[] = [];
  for (let round = 0; round < 5; round++) {
    await using customer = await open("/");
    await customer.page.getByText("Flat white").waitFor();
    paints.push(
      await customer.page.evaluate<number>(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN",
      ),
    );
  }
  print(`first contentful paint: p50 ${median(paints).toFixed(0)} ms (aim: 300)`);
  expect(paints).toHaveLength(5);
});

browserTest("from finish to ready on the customer's page", async () => {
  await using customer = await open("/");
  await using bar = await open("/bar");
  const { page } = customer;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await choose(page);
    await orderButton(page).click();
    await placed(page);
    await take(bar.page);
    await brewing(page);
    await page.evaluate(`void (globalThis.readyAt = new Promise((resolve) => {
      new MutationObserver(() => document.querySelector('[data-status="COMPLETED"]') && resolve(Date.now()))
        .observe(document.body, { subtree: true, childList: true, attributes: true });
    }))`);
    await bar.page.evaluate(
      `addEventListener("submit", () => { globalThis.finishedAt = Date.now(); }, { once: true })`,
    );
    await finishButton(bar.page).click();
    await ready(page);
    times.push((await page.evaluate<number>("readyAt")) - (await bar.page.evaluate<number>("finishedAt")));
    await page.getByRole("button", { name: "Order another" }).click();
  }
  print(`finish to ready: p50 ${median(times)} ms (aim: 100), max ${Math.max(...times)} ms`);
  expect(times).toHaveLength(rounds);
});

browserTest(`a board of ${tickets} tickets, as it fills and as tickets are claimed`, async () => {
  await using bar = await open("/bar", { init: recordLongTasks });
  const { page } = bar;
  await page.getByText("0 waiting").waitFor();
  const place = () => fetch(at("/orders"), { method: "POST" }).then((response) => response.body?.cancel());
  for (let placedCount = 0; placedCount < tickets; placedCount += 25)
    await Promise.all(Array.from({ length: 25 }, place));
  await page.getByText(`${tickets} waiting`).waitFor();
  await page.evaluate("longTasks.length = 0");
  for (let claim = 0; claim < 5; claim++) {
    await take(page);
    await finishButton(page).click();
    await finishButton(page).waitFor({ state: "detached" });
  }
  await page.getByText(`${tickets - 5} waiting`).waitFor();
  const longTasks = await page.evaluate<number[]>("longTasks");
  print(
    `long tasks with ${tickets} tickets: ${longTasks.length}, the longest ${Math.max(0, ...longTasks)} ms (aim: none over 50)`,
  );
});
