import { OrderCancelled } from "@doubleshot/contracts";
import { on } from "@doubleshot/messaging";
import type { BarSettings } from "../bar-settings.ts";
import { cancel } from "./ticket.ts";
import type { TicketAggregates } from "./ticket-aggregates.ts";

/**
 * Voids the ticket of a cancelled order, unless a barista has it already. The verdict commits with the ticket, either way.
 * A cancel that comes before its order leaves a voided ticket.
 */
export function voidTicket(tickets: Pick<TicketAggregates, "handle">, bar: BarSettings) {
  return on(OrderCancelled, (message) => {
    const { orderId: id } = message.data;
    const { correlationId } = message;
    return tickets.handle(message, id, (known) =>
      cancel(known, { id, correlationId }, { bar: bar.name, now: bar.now() }),
    );
  });
}
