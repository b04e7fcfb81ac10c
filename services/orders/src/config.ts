import { decimal, onOff, port, serviceConfig, wholeNumber } from "@doubleshot/service-kit";
import { z } from "zod";

/** The environment of the orders service. The three switches let its parts run apart, in processes or in tests. */
export const ordersConfig = z.object({
  ...serviceConfig,
  PORT: port(9702),
  /** Handle the bar's events here. Off: this process serves HTTP alone. */
  CONSUME: onOff("on"),
  /** Tell, and be told by, other instances. Off: the sweep finds every completion. */
  HINTS: onOff("on"),
  /** Look at waited-for orders now and then. Off: a lost hint is a caller who waits for ever. */
  SWEEP: onOff("on"),
  /** Orders one address may place in one go, in this process, and how many more each second: 0.1 is one in ten. */
  RATE_BURST: wholeNumber({ min: 1, max: 1_000_000, byDefault: 250 }),
  RATE_PER_SECOND: decimal({ min: 0.001, max: 1_000_000, byDefault: 5 }),
  /** Orders one address may have open at once, in the whole shop. */
  OPEN_ORDERS: wholeNumber({ min: 1, max: 1_000_000, byDefault: 250 }),
  /** Callers who may wait in this process at once, whoever they are. */
  MAX_WAITING: wholeNumber({ min: 1, max: 1_000_000, byDefault: 20_000 }),
});

export type OrdersConfig = z.infer<typeof ordersConfig>;
