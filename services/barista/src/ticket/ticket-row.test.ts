import { expect, test } from "vitest";
import type { Ticket } from "./ticket.ts";
import { rowOf, ticketOf } from "./ticket-row.ts";

const at = "2026-01-31T08:30:00.000Z";
const own = { id: "1", bar: "bar", correlationId: "1", traceparent: "00-trace-span-01", version: 2 };
const order = { ...own, items: [], turn: 1, placedAt: at, queuedAt: at };
const claim = { token: "t", startedAt: at, leaseExpiresAt: at };
const open: Ticket[] = [
  { ...order, status: "QUEUED" },
  { ...order, status: "STARTED", claim },
];
const done: Ticket[] = [
  { ...order, status: "FINISHED", startedAt: at, finishedAt: at },
  { ...own, status: "VOIDED", voidedAt: at },
];

test.each(done)("a ticket that is $status expires, after its messages have been forgotten", (ticket) => {
  const kept = Number(rowOf(ticket).expiresAt) - Date.parse(at) / 1000;
  expect(kept).toBeGreaterThan(30 * 24 * 60 * 60);
  expect(kept).toBeLessThan(40 * 24 * 60 * 60);
});

test.each(open)("a ticket that is $status stays", (ticket) => {
  expect(rowOf(ticket)).not.toHaveProperty("expiresAt");
});

test.each([...open, ...done])("a ticket that is $status is read as it was stored", (ticket) => {
  expect(ticketOf({ ...rowOf(ticket), id: ticket.id, version: ticket.version })).toEqual(ticket);
});
