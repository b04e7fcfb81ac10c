import { BrewFinished, OrderPlaced } from "@doubleshot/contracts";
import { uuidv7 } from "@doubleshot/messaging";
import { describeService, fakeAws, useService } from "@doubleshot/service-host/testing";
import { sharedConformance } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { shop } from "./manifest.ts";
import { loyaltyService } from "./service.ts";

describeService(shop.services.loyalty, loyaltyService);

const here = useService(shop.services.loyalty, loyaltyService, fakeAws);
const conformanceAt = sharedConformance();
const now = "2026-01-31T08:30:00.000Z";
const items = [{ sku: "americano", quantity: 1 }];

/** The events of an order, each with its message group. */
const placed = (orderId: string, name = "Ada") =>
  [`order#${orderId}`, OrderPlaced({ orderId, items, name, turn: 1, placedAt: now })] as const;
const finished = (orderId: string) => [`ticket#${orderId}`, BrewFinished({ orderId, finishedAt: now })] as const;

/** A process with the services around it; `card` reads a card as a caller does, and compares the answer with the document. */
async function open(env: NodeJS.ProcessEnv = {}) {
  const { url } = await here.start(env);
  const { fetch } = await conformanceAt(url);
  return {
    orders: here.otherService("orders"),
    barista: here.otherService("barista"),
    card: async (name: string) => (await fetch(`${url}/cards/${encodeURIComponent(name)}`)).json(),
  };
}

test.each([
  ["order first", true],
  ["brew first", false],
])("a coffee counts once when both its order and its brew have come: %s", async (_, orderFirst) => {
  const { orders, barista, card } = await open();
  const id = uuidv7();
  const first = orderFirst ? () => orders.publish(...placed(id)) : () => barista.publish(...finished(id));
  const second = orderFirst ? () => barista.publish(...finished(id)) : () => orders.publish(...placed(id));
  await first();
  await expect.poll(here.messagesLeft).toBe(0);
  expect(await card("Ada")).toMatchObject({ status: 404 });
  const message = await second();
  await expect.poll(() => card("Ada")).toEqual({ name: "Ada", coffees: 1, full_cards: 0 });
  await barista.deliver("again", message);
  await expect.poll(here.messagesLeft).toBe(0);
  expect(await card("Ada")).toMatchObject({ coffees: 1 });
});

test("coffees of one customer that are counted at once all count, and full cards are announced", async () => {
  const { orders, barista, card } = await open({ COFFEES_PER_CARD: "5" });
  const ids = Array.from({ length: 12 }, () => uuidv7());
  await Promise.all(ids.flatMap((id) => [orders.publish(...placed(id, "Zoë ☕")), barista.publish(...finished(id))]));
  await expect.poll(() => card("Zoë ☕")).toEqual({ name: "Zoë ☕", coffees: 12, full_cards: 2 });
  const events = (await here.rows("loyalty-outbox")).flatMap((row) => row.events as { type: string; json: string }[]);
  const filled = events.map(({ json }) => JSON.parse(json).data);
  expect(filled.map(({ coffees }) => coffees).toSorted()).toEqual([10, 5]);
});
