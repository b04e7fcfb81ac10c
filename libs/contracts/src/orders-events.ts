import { defineEvent } from "@doubleshot/messaging";
import { z } from "zod";
import { instant, orderId, orderItem } from "./values.ts";

/**
 * A customer has ordered: the bar may brew it. Published by orders, subject `order#<orderId>`.
 *
 * `turn` is the order's place in the fair queue: an address's n-th open order takes turn n. `name` is whatever the
 * customer wants called out, any characters.
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
 * A customer takes their order back: the bar decides, by what it is doing with it. Published by orders, subject
 * `order#<orderId>`, after the OrderPlaced of that order; what outran it all the same must be remembered.
 */
export const OrderCancelled = defineEvent("OrderCancelled", {
  version: 1,
  schema: z.object({ orderId, cancelledAt: instant }),
});
