import { onOff, port, serviceConfig, wholeNumber } from "@doubleshot/service-kit";
import { z } from "zod";

/** A barista who has not been heard of for half a day is not brewing any more. */
const longestLeaseSeconds = 12 * 60 * 60;

export const baristaConfig = z.object({
  ...serviceConfig,
  PORT: port(9703),
  /** Off: this process serves HTTP only, and leaves the orders that come in to other instances. */
  CONSUME: onOff("on"),
  /** Tell, and be told by, other instances. Off: what others do is found by looking now and then. */
  HINTS: onOff("on"),
  BAR: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default("bar")
    .describe("1 to 40 lower-case letters, digits and hyphens"),
  /** Baristas who may wait in this process at once. */
  MAX_WAITING: wholeNumber({ min: 1, max: 1_000_000, byDefault: 5_000 }),
  LEASE_SECONDS: wholeNumber({ min: 1, max: longestLeaseSeconds, byDefault: 600 }),
});

export type Config = z.infer<typeof baristaConfig>;
