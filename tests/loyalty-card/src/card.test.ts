import { given } from "@doubleshot/messaging/testing";
import { expect, test } from "vitest";
import { CardFilled, cardId, learn, stamp, type Visit } from "./card.ts";

const visit: Visit = { id: "order-1", version: 0, status: "WAITING" };
const ada = { name: "Ada" };
const finished = { finishedAt: "2026-01-31T08:30:00.000Z" };
const both: Visit = { ...visit, ...ada, ...finished, status: "COUNTED" };

test("a visit counts with the second of its two facts, in whichever order they come", () => {
  given(visit)
    .when(learn, ada)
    .decides({ outcome: "waits", visit: { ...visit, ...ada } });
  given(visit)
    .when(learn, finished)
    .decides({ outcome: "waits", visit: { ...visit, ...finished } });
  given({ ...visit, ...ada })
    .when(learn, finished)
    .decides({ outcome: "counts", visit: both, name: "Ada" });
  given({ ...visit, ...finished })
    .when(learn, ada)
    .decides({ outcome: "counts", visit: both, name: "Ada" });
});

test("a visit counts once, and one without a name not at all", () => {
  given(both).when(learn, finished).decides({ outcome: "nothing", reason: "the coffee is counted already" });
  given({ ...visit, name: "" })
    .when(learn, finished)
    .decides({ outcome: "nothing", reason: "the order has no name" });
});

test("every tenth coffee fills the card", () => {
  given({ ...ada, coffees: 8 })
    .when(stamp, "order-1", 10)
    .decides({ card: { ...ada, coffees: 9 }, events: [] });
  given({ ...ada, coffees: 19 })
    .when(stamp, "order-1", 10)
    .decides({ card: { ...ada, coffees: 20 }, events: [CardFilled({ orderId: "order-1", name: "Ada", coffees: 20 })] });
});

test("a card of any name has an id in ASCII", () => {
  expect(cardId("Zoë ☕")).toMatch(/^[\w-]{43}$/);
  expect(cardId("Zoë ☕")).not.toBe(cardId("Zoe ☕"));
});
