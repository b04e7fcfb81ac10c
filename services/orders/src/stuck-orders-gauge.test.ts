import { fakeAws, readMetric, until } from "@doubleshot/service-host/testing";
import { expect, test, vi } from "vitest";
import { useCounters } from "./http/counter.fixture.ts";

const all = useCounters(fakeAws);
const minute = 60_000;

test("orders that have waited for credit for longer than a minute are counted, and others are not", async () => {
  const counter = await all.open();
  const place = () => counter.place({ customer_id: all.accounts.customerId, order_total: 100 });
  // The clock that orders are created by, two minutes ago.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 2 * minute });
  const late = [await place(), await place(), await place()];
  const guest = await counter.place();
  vi.useRealTimers();
  await place();
  await all.accounts.reserves(late[0] ?? "");
  await counter.untilIs(late[0] ?? "", "PLACED");
  expect(await counter.status(guest)).toBe("PLACED");
  await until(async () => (await readMetric(counter.url, "orders_stuck")) === 2);
});
