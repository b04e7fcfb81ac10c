import { expect, test } from "vitest";
import type { Ticket } from "./ticket.ts";
import { rowOf, ticketOf } from "./ticket-row.ts";

const at = "2026-01-31T08:30:00.000Z";
const order = { id: "1", bar: "bar", items: [], turn: 1, placedAt: at, queuedAt: at, correlationId: "1", version: 2 };
const claim = { token: "t", startedAt: at, leaseExpiresAt: at };
const open: Ticket[] = [
  { ...order, status: "QUEUED" },
  { ...order, status: "STARTED", claim },
];
const done: Ticket[] = [
  { ...order, status: "FINISHED", startedAt: at, finishedAt: at },
  { id: "1", bar: "bar", correlationId: "1", version: 2, status: "VOIDED", voidedAt: at },
];

test.each(done)("a ticket that is $status expires, after its messages have been forgotten", (ticket) => {
  const kept = Number(rowOf(ticket).expiresAt) - Date.parse(at) / 1000;
  expect(kept).toBeGreaterThan(30 * 24 * 60 * 60);
  expect(kept).toBeLessThan(40 * 24 * 60 * 60);
  expect(ticketOf({ ...rowOf(ticket), id: ticket.id, version: ticket.version })).toEqual(ticket);
});

test.each(open)("a ticket that is $status stays", (ticket) => {
  expect(rowOf(ticket)).not.toHaveProperty("expiresAt");
});
