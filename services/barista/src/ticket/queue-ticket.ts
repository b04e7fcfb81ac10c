import { OrderPlaced } from "@doubleshot/contracts";
import { on } from "@doubleshot/messaging";
import type { BarSettings } from "../bar-settings.ts";
import { queue } from "./ticket.ts";
import type { TicketAggregates } from "./ticket-aggregates.ts";

/**
 * Queues a ticket for a new order. The ticket and the inbox row commit together, so a message that is delivered twice makes
 * one ticket. A second message about the same order finds the ticket and changes nothing.
 */
export function queueTicket(tickets: Pick<TicketAggregates, "handle">, bar: BarSettings) {
  return on(OrderPlaced, (message) => {
    const { orderId: id, ...order } = message.data;
    const { correlationId, traceparent } = message;
    const placed = { id, ...order, correlationId, ...(traceparent && { traceparent }) };
    return tickets.handle(
      message,
      id,
      (known) => queue(known, placed, { bar: bar.name, now: bar.now() }),
      // The order is usually new, so the first attempt does without a read.
      (kept) => kept === undefined,
    );
  });
}
