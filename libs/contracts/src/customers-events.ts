import { defineEvent } from "@doubleshot/messaging/events";
import { z } from "zod";
import { customerId, instant, money, orderId } from "./values.ts";

/** The amount of an order is set aside for it. Published by customers, subject `reservation#<orderId>`, once. */
export const CreditReserved = defineEvent("CreditReserved", {
  version: 1,
  schema: z.object({ orderId, customerId, amount: money, reservedAt: instant }),
});

/** Why an order gets no credit. */
export const creditRefusals = ["INSUFFICIENT_CREDIT", "CUSTOMER_NOT_FOUND"] as const;

/** An order gets no credit, and nothing is set aside for it. Published by customers, subject `reservation#<orderId>`, once. */
export const CreditRefused = defineEvent("CreditRefused", {
  version: 1,
  schema: z.object({ orderId, customerId, reason: z.enum(creditRefusals), refusedAt: instant }),
});
