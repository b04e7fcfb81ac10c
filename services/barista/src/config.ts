import { wholeNumber } from "@doubleshot/service-kit";
import { z } from "zod";

/** A barista without a heartbeat for half a day does not brew any more. */
const maxLeaseSeconds = 12 * 60 * 60;

/** The service's own environment variables. */
export const baristaConfig = {
  /** Name of the bar that this process works for. Bars of different names share the tables and no tickets. */
  BAR: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default("bar")
    .describe("1 to 40 lower-case letters, digits and hyphens"),
  /** Baristas that may wait in this process at once. */
  MAX_WAITING: wholeNumber({ min: 1, max: 1_000_000, byDefault: 5_000 }),
  /** Lease of a claim that asks for no lease of its own, in seconds. */
  LEASE_SECONDS: wholeNumber({ min: 1, max: maxLeaseSeconds, byDefault: 600 }),
};
