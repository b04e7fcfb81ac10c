import { readMetric, useLocalAws } from "@doubleshot/service-host/testing";
import { createAwsClients } from "@doubleshot/topology";
import { expect, onTestFinished, test, vi } from "vitest";
import { openBar, placeOrder, queueOrders, StoppedClock } from "./bar-instance.fixture.ts";
import { useBarista } from "./barista-service.fixture.ts";

const aws = useLocalAws();
const barista = useBarista(aws);
const within = { timeout: 120_000, interval: 20 };

test("an order that comes to one instance wakes a barista who waits at another", async () => {
  const waiting = await barista.start({ BAR: "two", CONSUME: "off" });
  const answer = fetch(`${waiting.url}/start/?wait=60`);
  await vi.waitFor(async () => expect(await readMetric(waiting.url, "barista_waiting_baristas")).toBe(1), within);
  const consuming = await barista.start({ BAR: "two" });
  // Or one that an earlier test has left in the queue: either way it comes by the other instance.
  await barista.send(await placeOrder(barista, { clock: new StoppedClock() }));
  expect((await answer).status).toBe(200);
  await Promise.all([waiting.drain(), consuming.drain()]);
});

test("/metrics reports how long the line is, how old its oldest ticket, and what happens to tickets", async () => {
  const clock = new StoppedClock();
  const bar = openBar(barista, { bar: "measured", clock });
  await queueOrders(barista, bar, { clock, count: 3 });
  const service = await barista.start({ BAR: "measured", CONSUME: "off" });
  const { order_id } = (await (await fetch(`${service.url}/start/`)).json()) as { order_id: string };
  const measured = (name: string) => readMetric(service.url, name);
  expect(await measured('barista_tickets{status="QUEUED"}')).toBe(2);
  expect(await measured('barista_tickets{status="STARTED"}')).toBe(1);
  // Since the morning of 31 January 2026, when the clock of these tests stood still.
  expect(await measured("barista_oldest_ticket_age_seconds")).toBeGreaterThan(0);
  expect(await measured("barista_board_onlookers")).toBe(0);
  expect(await measured("barista_claims_lost_total")).toBe(0);
  await fetch(`${service.url}/finish/?order_id=${order_id}`, { method: "POST" });
  expect(await measured('barista_ticket_changes_total{what="claimed"}')).toBe(1);
  expect(await measured('barista_ticket_changes_total{what="finished"}')).toBe(1);
  expect(await measured('barista_ticket_changes_total{what="lapsed"}')).toBe(0);
  expect(await measured("barista_ticket_wait_seconds_count")).toBe(1);
  expect(await measured("barista_brew_seconds_count")).toBe(1);
  await service.drain();
});

test.each([
  ["cannot be read", () => Promise.reject(new Error("out of reach"))],
  ["does not answer", () => new Promise<never>(() => undefined)],
])("/metrics reports everything else while the table %s", async (_, failing) => {
  const clients = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => clients.destroy());
  const service = await barista.start({ BAR: "unmeasured", CONSUME: "off" }, { clients });
  clients.dynamodb.middlewareStack.add((next, { commandName }) => (commandName?.startsWith("Query") ? failing : next), {
    step: "initialize",
  });
  const metrics = await fetch(`${service.url}/metrics`);
  expect(metrics.status).toBe(200);
  const names = (await metrics.text()).split("\n").map((line) => line.split(/[ {]/, 1)[0]);
  expect(names).toEqual(expect.arrayContaining(["barista_waiting_baristas", "nodejs_eventloop_lag_p99_seconds"]));
  expect(names).not.toContain("barista_tickets");
  expect(names).not.toContain("barista_oldest_ticket_age_seconds");
  await service.drain();
});
