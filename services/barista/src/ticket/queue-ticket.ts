import { OrderPlaced } from "@doubleshot/contracts";
import { ignore, on } from "@doubleshot/messaging";
import type { Bar } from "../bar.ts";
import { queue, saved, subjectOf } from "./ticket.ts";
import type { TicketNews } from "./ticket-news.ts";
import type { TicketStore } from "./ticket-store.ts";

/**
 * An order that was placed joins the line. The ticket and the inbox row commit together, so a delivery that comes twice
 * makes one ticket; a second message about the same order finds the ticket, and changes nothing.
 */
export function queueTicket(store: TicketStore, bar: Bar, news: TicketNews) {
  return on(OrderPlaced, async (message) => {
    const { orderId, ...order } = message.data;
    const placed = { id: orderId, ...order, correlationId: message.correlationId };
    const decision = queue(await store.get(orderId), placed, { bar: bar.name, now: bar.now() });
    if (decision.outcome === "known") return ignore("this order has its ticket already");
    const result = await message.commit({ aggregate: subjectOf(orderId), save: store.save(decision.ticket) });
    if (result.outcome === "committed") news.changed("queued", saved(decision.ticket));
    return result;
  });
}
