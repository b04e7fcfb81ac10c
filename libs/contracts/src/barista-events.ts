import { defineEvent } from "@doubleshot/messaging";
import { z } from "zod";
import { brewResult, instant, orderId } from "./values.ts";

/**
 * A barista has taken the order. Published by barista, subject `ticket#<orderId>`; once for every claim, so it comes
 * again when a lease has lapsed and another barista takes over.
 */
export const BrewStarted = defineEvent("BrewStarted", {
  version: 1,
  schema: z.object({ orderId, startedAt: instant }),
});

/** The order is ready. Published by barista, subject `ticket#<orderId>`, once. `result` is what the barista handed over. */
export const BrewFinished = defineEvent("BrewFinished", {
  version: 1,
  schema: z.object({ orderId, finishedAt: instant, result: brewResult.exactOptional() }),
});

/** The bar's verdict on a cancelled order: nobody has brewed it, and nobody will. Subject `ticket#<orderId>`. */
export const TicketVoided = defineEvent("TicketVoided", {
  version: 1,
  schema: z.object({ orderId, voidedAt: instant }),
});

/** The bar's other verdict: the cancel came too late, somebody is brewing the order or has done so. Subject `ticket#<orderId>`. */
export const CancelRefused = defineEvent("CancelRefused", {
  version: 1,
  schema: z.object({ orderId, refusedAt: instant }),
});
