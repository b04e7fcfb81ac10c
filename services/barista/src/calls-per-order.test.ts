import { countedClients, useLocalAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { openBar, queueOrders, StoppedClock } from "./bar-instance.fixture.ts";
import { useBarista } from "./barista-service.fixture.ts";

const aws = useLocalAws();
const service = useBarista(aws);

test("a ticket costs one transaction for each of its changes, a query of the line, and no read", async () => {
  const { clients, calls } = countedClients(aws.endpoints);
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "calls", clock, clients });
  // The check for lapsed leases, once a second in a process.
  await bar.lapses.ifDue();
  calls.length = 0;
  const [orderId = ""] = await queueOrders(service, bar, { clock: { now: clock.now }, count: 1 });
  const token = (await bar.claim())?.claim.token ?? "";
  expect(await bar.finishes.finish({ orderId, token })).toMatchObject({ outcome: "finished" });
  const shop = new RegExp(`\\b${service.shop.name}-`, "g");
  expect(calls.map((call) => call.replace(shop, ""))).toEqual([
    "TransactWriteItems barista barista-inbox",
    "Query barista",
    "TransactWriteItems barista barista-outbox",
    "TransactWriteItems barista barista-outbox",
  ]);
});
