import { type BrewResult, orderItem } from "@doubleshot/contracts";
import { z } from "zod";
import type { Ticket } from "./ticket.ts";

/*
 * The row of a ticket. `lane` and `place` exist for the sparse index `lanes`:
 * - waiting tickets are sorted by fair turn and then age
 * - leased tickets are sorted by the end of their lease
 * - done tickets have a lane for each hour, sorted by time: the board reads a few of these lanes at most
 *
 * Done tickets expire, so that the table does not grow for ever; the customer's order keeps the result.
 *
 * `result` is JSON text, because DynamoDB's maps cannot hold all JSON (numbers beyond 38 digits or 1e126, more than 32
 * levels, empty names), and no query needs it.
 */

/**
 * Longer than the inbox keeps the record of the order's message (30 days): a message that is delivered again without ticket
 * and record would queue the order a second time.
 */
const daysKept = 35;

const claim = z.object({ token: z.string(), startedAt: z.string(), leaseExpiresAt: z.string() });

const order = {
  id: z.string(),
  bar: z.string(),
  items: z.array(orderItem),
  name: z.string().exactOptional(),
  turn: z.int(),
  placedAt: z.string(),
  queuedAt: z.string(),
  correlationId: z.string(),
  traceparent: z.string().exactOptional(),
  version: z.int(),
};

const json = z.string().transform((text): BrewResult => JSON.parse(text));

const ticketRow = z.discriminatedUnion("status", [
  z.object({ ...order, status: z.literal("QUEUED"), lapsed: claim.exactOptional() }),
  z.object({ ...order, status: z.literal("STARTED"), claim, lapsed: claim.exactOptional() }),
  z.object({
    ...order,
    status: z.literal("FINISHED"),
    startedAt: z.string(),
    finishedAt: z.string(),
    result: json.exactOptional(),
    finishedBy: z.string().exactOptional(),
  }),
  z.object({
    id: z.string(),
    bar: z.string(),
    correlationId: z.string(),
    traceparent: z.string().exactOptional(),
    version: z.int(),
    status: z.literal("VOIDED"),
    voidedAt: z.string(),
  }),
]);

/** @throws ZodError for a row that is no ticket: it was edited by hand, or a newer service wrote it. */
export function ticketOf(row: Record<string, unknown>): Ticket {
  return ticketRow.parse(row);
}

/** The row without `id` and `version`; the save adds these. */
export function rowOf(ticket: Ticket): Record<string, unknown> {
  const { id, version: _, ...state } = ticket;
  switch (ticket.status) {
    case "QUEUED":
      return { ...state, lane: waitingLane(ticket.bar), place: `${turnKey(ticket.turn)}#${ticket.placedAt}#${id}` };
    case "STARTED":
      return { ...state, lane: leasedLane(ticket.bar), place: `${ticket.claim.leaseExpiresAt}#${id}` };
    case "VOIDED":
      return { ...state, ...donePlace(ticket, ticket.voidedAt) };
    case "FINISHED": {
      const result = ticket.result === undefined ? {} : { result: JSON.stringify(ticket.result) };
      return { ...state, ...result, ...donePlace(ticket, ticket.finishedAt) };
    }
  }
}

export function waitingLane(bar: string): string {
  return `${bar}#waiting`;
}

export function leasedLane(bar: string): string {
  return `${bar}#leased`;
}

/** The lane of tickets that were done in the hour of this instant. */
export function doneLane(bar: string, instant: string): string {
  return `${bar}#done#${instant.slice(0, "2026-01-31T08".length)}`;
}

function donePlace({ bar, id }: Ticket, at: string) {
  const expiresAt = Math.floor(Date.parse(at) / 1000) + daysKept * 24 * 60 * 60;
  return { lane: doneLane(bar, at), place: `${at}#${id}`, expiresAt };
}

/** Ten digits hold every 32-bit turn, so that turns sort as strings. */
function turnKey(turn: number): string {
  return String(turn).padStart(10, "0");
}
