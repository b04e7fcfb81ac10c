import { defineEvent } from "@doubleshot/messaging/events";
import { z } from "zod";
import { instant, orderId, orderItem } from "./values.ts";

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
