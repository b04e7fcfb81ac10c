import { OrderCancelled } from "@doubleshot/contracts";
import { ignore, on } from "@doubleshot/messaging";
import type { Bar } from "../bar.ts";
import { cancel, saved, subjectOf } from "./ticket.ts";
import type { TicketNews } from "./ticket-news.ts";
import type { TicketStore } from "./ticket-store.ts";

/**
 * An order that was cancelled leaves the line, unless a barista has it already; either way the customer is told, by the
 * verdict that commits with the ticket. One that is not here yet is voided before it comes.
 */
export function voidTicket(store: TicketStore, bar: Bar, news: TicketNews) {
  return on(OrderCancelled, async (message) => {
    const { orderId: id } = message.data;
    const { correlationId } = message;
    const decision = cancel(await store.get(id), { id, correlationId }, { bar: bar.name, now: bar.now() });
    if (decision.outcome === "known") return ignore("this ticket is voided already");
    const { ticket, events } = decision;
    const result = await message.commit({ aggregate: subjectOf(id), save: store.save(ticket), events });
    if (result.outcome === "committed" && ticket.status === "VOIDED") news.changed("voided", saved(ticket));
    return result;
  });
}
