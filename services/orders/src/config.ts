import { decimal, onOff, wholeNumber } from "@doubleshot/service-kit";

/** The service's own environment variables. */
export const ordersConfig = {
  /** Read the orders that callers wait for from time to time. Off: a caller whose hint is lost waits for ever. */
  SWEEP: onOff("on"),
  /** Orders that one address may place at once in this process, and how many more each second: 0.1 is one in ten. */
  RATE_BURST: wholeNumber({ min: 1, max: 1_000_000, byDefault: 250 }),
  RATE_PER_SECOND: decimal({ min: 0.001, max: 1_000_000, byDefault: 5 }),
  /** Orders that one address may have open at once, in the whole shop. */
  OPEN_ORDERS: wholeNumber({ min: 1, max: 1_000_000, byDefault: 250 }),
  /** Callers that may wait in this process at once, from all addresses. */
  MAX_WAITING: wholeNumber({ min: 1, max: 1_000_000, byDefault: 20_000 }),
};
