import { fakeAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import { cancelOrder, delivery, openBar, placeOrder, StoppedClock, storedRows } from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";
import type { TicketChange } from "./ticket-notifier.ts";

const service = useBarista(fakeAws);

async function verdicts(orderId: string): Promise<string[]> {
  const { news } = await storedRows(service, orderId);
  return news.flatMap(({ events }) => events.map(({ type }: { type: string }) => type));
}

test("an order that is cancelled while it waits leaves the line, and the verdict commits with it", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "cancelled", clock });
  const { orderId, body } = await placeOrder(service, { clock });
  await bar.subscriber.handle(delivery(body));
  const changes: TicketChange[] = [];
  bar.notifier.onChange((change) => void changes.push(change));
  const cancelled = await cancelOrder(service, orderId, { clock });
  expect(await bar.subscriber.handle(delivery(cancelled))).toMatchObject({ outcome: "committed" });
  expect(await bar.subscriber.handle(delivery(cancelled))).toMatchObject({ outcome: "duplicate" });
  expect(changes).toMatchObject([{ outcome: "voided", ticket: { id: orderId, status: "VOIDED", version: 2 } }]);
  expect(await bar.claim()).toBeUndefined();
  expect(await verdicts(orderId)).toEqual(["TicketVoided"]);
  expect((await storedRows(service, orderId)).ticket).toEqual({
    id: orderId,
    bar: "cancelled",
    status: "VOIDED",
    voidedAt: clock.now().toISOString(),
    correlationId: expect.any(String),
    version: 2,
    lane: "cancelled#done#2026-01-31T08",
    place: `${clock.now().toISOString()}#${orderId}`,
    expiresAt: expect.any(Number),
  });
});

test("a cancel that comes before its order keeps it from ever joining the line", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "outrun", clock });
  const { orderId, body } = await placeOrder(service, { clock });
  await bar.subscriber.handle(delivery(await cancelOrder(service, orderId, { clock })));
  expect(await bar.subscriber.handle(delivery(body))).toMatchObject({ outcome: "ignored" });
  expect(await bar.claim()).toBeUndefined();
  expect(await verdicts(orderId)).toEqual(["TicketVoided"]);
});

test("a cancel that comes when a barista has the order is refused, and the order is finished", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "too-late", clock });
  const { orderId, body } = await placeOrder(service, { clock });
  await bar.subscriber.handle(delivery(body));
  await bar.claim();
  await bar.subscriber.handle(delivery(await cancelOrder(service, orderId, { clock })));
  expect(await bar.finishes.finish({ orderId })).toMatchObject({ outcome: "finished" });
  expect(await verdicts(orderId)).toEqual(["BrewStarted", "CancelRefused", "BrewFinished"]);
});

test("of a claim and a cancel at the same time one is first, for both", async () => {
  const clock = new StoppedClock();
  for (let round = 0; round < 10; round++) {
    const bar = openBar(service, { bar: `meeting-${round}`, clock });
    const { orderId, body } = await placeOrder(service, { clock });
    await bar.subscriber.handle(delivery(body));
    const cancelled = delivery(await cancelOrder(service, orderId, { clock }));
    const [claimed] = await Promise.all([bar.claim(), bar.subscriber.handle(cancelled)]);
    const said = await verdicts(orderId);
    expect(said).toEqual(claimed === undefined ? ["TicketVoided"] : ["BrewStarted", "CancelRefused"]);
  }
});
