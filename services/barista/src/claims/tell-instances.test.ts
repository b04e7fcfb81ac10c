import { expect, test } from "vitest";
import { type QueuedTicket, saved } from "../ticket/ticket.ts";
import { TicketNews } from "../ticket/ticket-news.ts";
import { TellInstances } from "./tell-instances.ts";

const ticket: QueuedTicket = {
  id: "0190a1b2-0000-7000-8000-000000000001",
  version: 1,
  status: "QUEUED",
  bar: "bar",
  items: [{ sku: "americano", quantity: 1 }],
  turn: 1,
  placedAt: "2026-01-31T08:00:00.000Z",
  queuedAt: "2026-01-31T08:00:00.000Z",
  correlationId: "ada",
};
const { id } = ticket;

/** What the other instances are told while the baristas here are being served, until `serve` is called. */
function busyBar(headStart: number) {
  const told: object[] = [];
  const news = new TicketNews();
  const { promise: served, resolve: serve } = Promise.withResolvers<void>();
  const claims = { busy: true, served: () => served };
  new TellInstances(news, { broadcast: (hint) => void told.push(hint) }, claims, headStart);
  return { told, news, serve };
}

test("an order that nobody here has taken in its head start is told to the others", async () => {
  const { told, news } = busyBar(1);
  news.changed("queued", ticket);
  expect(told).toEqual([]);
  await expect.poll(() => told).toEqual([{ id, version: 1, status: "QUEUED" }]);
});

test("an order that is left when all here have been served is told at once", async () => {
  const { told, news, serve } = busyBar(60_000);
  news.changed("queued", ticket);
  serve();
  await expect.poll(() => told).toEqual([{ id, version: 1, status: "QUEUED" }]);
});

test("of an order that is taken here the others hear once, and not that it came", async () => {
  const { told, news, serve } = busyBar(60_000);
  news.changed("queued", ticket);
  news.changed(
    "claimed",
    saved({ ...ticket, status: "STARTED", claim: { token: "t", startedAt: "", leaseExpiresAt: "" } }),
  );
  serve();
  news.changed("released", saved(saved(ticket)));
  await expect
    .poll(() => told)
    .toEqual([
      { id, version: 2, status: "STARTED" },
      { id, version: 3, status: "QUEUED" },
    ]);
});
