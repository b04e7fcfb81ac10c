import { defineEvent } from "@doubleshot/messaging/events";
import { z } from "zod";
import { brewResult, instant, orderId } from "./values.ts";

/**
 * A barista has taken the order. Published by barista, subject `ticket#<orderId>`, once for every claim: it repeats when a
 * lease has lapsed and another barista takes over.
 */
export const BrewStarted = defineEvent("BrewStarted", {
  version: 1,
  schema: z.object({ orderId, startedAt: instant }),
});

/** The order is ready. Published by barista, subject `ticket#<orderId>`, once. `result` is the barista's. */
export const BrewFinished = defineEvent("BrewFinished", {
  version: 1,
  schema: z.object({ orderId, finishedAt: instant, result: brewResult.exactOptional() }),
});

/** The bar accepts a cancellation: no barista has brewed the order, and none will. Published by barista, subject `ticket#<orderId>`. */
export const TicketVoided = defineEvent("TicketVoided", {
  version: 1,
  schema: z.object({ orderId, voidedAt: instant }),
});

/** The bar refuses a cancellation: a barista is brewing the order or has finished it. Published by barista, subject `ticket#<orderId>`. */
export const CancelRefused = defineEvent("CancelRefused", {
  version: 1,
  schema: z.object({ orderId, refusedAt: instant }),
});
