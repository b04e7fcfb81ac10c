import type { FinishedTicket, PlacedOrder, QueuedTicket, StartedTicket } from "./ticket.ts";

// One ticket as queued, started, lapsed, started again and finished. Ann holds it first, then Bob.

const opening = new Date("2026-01-31T08:00:00.000Z");
export const at = (seconds: number) => new Date(opening.getTime() + seconds * 1000);

export const placed: PlacedOrder = {
  id: "0190a1b2-0000-7000-8000-000000000001",
  items: [{ sku: "americano", quantity: 1 }],
  name: "Zoë ☕\u0007",
  turn: 1,
  placedAt: at(-1).toISOString(),
  correlationId: "the-story",
};
export const orderId = placed.id;
export const bar = "bar";

export const queued: QueuedTicket = { ...placed, bar, queuedAt: at(0).toISOString(), version: 1, status: "QUEUED" };
export const ann = { token: "ann", startedAt: at(1).toISOString(), leaseExpiresAt: at(11).toISOString() };
export const bob = { token: "bob", startedAt: at(12).toISOString(), leaseExpiresAt: at(22).toISOString() };
export const startedByAnn: StartedTicket = { ...queued, status: "STARTED", claim: ann };
export const lapsedFromAnn: QueuedTicket = { ...queued, lapsed: ann };
export const startedByBobAfterAnn: StartedTicket = { ...lapsedFromAnn, status: "STARTED", claim: bob };
export const finishedByAnn: FinishedTicket = {
  ...queued,
  status: "FINISHED",
  startedAt: ann.startedAt,
  finishedAt: at(9).toISOString(),
  finishedBy: ann.token,
};
