import { defineEvent } from "@doubleshot/messaging/events";
import { z } from "zod";
import { customerId, instant, money, orderId, orderItem } from "./values.ts";

/**
 * A customer has ordered, and the bar may brew the order. Published by orders, subject `order#<orderId>`.
 *
 * `turn` is the order's place in the fair queue: an address's n-th open order takes turn n. `name` is the customer's, of any
 * characters.
 */
export const OrderPlaced = defineEvent("OrderPlaced", {
  version: 1,
  schema: z.object({
    orderId,
    items: z.array(orderItem).min(1),
    name: z.string().exactOptional(),
    turn: z.int32().positive(),
    placedAt: instant,
  }),
});

/**
 * A customer asks to cancel their order; the bar decides by the state of its ticket. Published by orders, subject
 * `order#<orderId>`, after the order's OrderPlaced. A handler that receives it before OrderPlaced must remember it.
 */
export const OrderCancelled = defineEvent("OrderCancelled", {
  version: 1,
  schema: z.object({ orderId, cancelledAt: instant }),
});

/**
 * A customer has ordered on account: the order needs credit before it is placed. Published by orders, subject
 * `order#<orderId>`, before all other events of the order. Guests' orders have no such event.
 */
export const OrderCreated = defineEvent("OrderCreated", {
  version: 1,
  schema: z.object({ orderId, customerId, total: money, createdAt: instant }),
});

/** An order on account is done, so the customer owes its total. Published by orders, subject `order#<orderId>`, once. */
export const OrderCompleted = defineEvent("OrderCompleted", {
  version: 1,
  schema: z.object({ orderId, customerId, completedAt: instant }),
});

/**
 * The cancellation of an order on account is decided: nobody brews it, and its credit is free again. Published by orders,
 * subject `order#<orderId>`, once, and only for an order that has credit. `OrderCancelled` is the customer's wish before it.
 */
export const CancelConfirmed = defineEvent("CancelConfirmed", {
  version: 1,
  schema: z.object({ orderId, customerId, confirmedAt: instant }),
});
