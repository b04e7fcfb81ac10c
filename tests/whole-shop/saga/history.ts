import type { FaultKind, FaultRates } from "@doubleshot/messaging/testing";
import fc from "fast-check";

/** A request of a client. Numbers of customers and orders are indices; those beyond the last one wrap around. */
export type Step = { readonly pauseMs: number } & (
  | { readonly action: "order"; readonly customer: number; readonly total: number }
  | { readonly action: "order-as-guest" }
  | { readonly action: "cancel"; readonly order: number }
  | { readonly action: "pay"; readonly customer: number; readonly amount: number }
  | { readonly action: "amend"; readonly customer: number; readonly limit: number }
);

/** The plan of a history: the requests of its clients, and the faults that may happen. */
export interface History {
  /** Determines the rest: latencies, and the calls and times at which faults happen. */
  readonly seed: number;
  readonly faults: readonly FaultKind[];
  /** Limits of the customers. */
  readonly limits: readonly number[];
  readonly clients: readonly (readonly Step[])[];
  /** Processes of each service. */
  readonly processes: number;
  /** Whether baristas take their time, so that cancellations come before them. */
  readonly isBarSlow: boolean;
}

/** Probability of each fault where it can happen. */
const rates: FaultRates = {
  "request-lost": 0.02,
  "request-late": 0.02,
  "answer-lost": 0.03,
  throttled: 0.03,
  "bare-500": 0.02,
  "call-hung": 0.003,
  "transaction-conflict": 0.1,
  "idempotency-token-forgotten": 0.5,
  "retried-by-the-sdk": 0.05,
  "record-delayed": 0.2,
  "iterator-expired": 0.1,
  "checkpoint-lost": 0.1,
  "function-timed-out": 0.1,
  "function-scaled-out": 0.1,
  "host-away": 0.2,
  "entry-failed": 0.1,
  "delivery-delayed": 0.2,
  "delivered-twice": 0.2,
  "process-crashed": 0.02,
  "process-suspended": 0.01,
  "process-stopped": 0.05,
  "clock-skewed": 0.5,
};

export const faultKinds = Object.keys(rates) as FaultKind[];

export function ratesOf(kinds: readonly FaultKind[]): FaultRates {
  return Object.fromEntries(kinds.map((kind) => [kind, rates[kind]]));
}

const pauseMs = fc.integer({ min: 0, max: 400 });
/** One number more than there are customers: an order may name a customer that does not exist. */
const customer = fc.integer({ min: 0, max: 2 });
const amount = fc.integer({ min: 1, max: 120 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ action: fc.constant("order"), customer, total: amount, pauseMs }) },
  { weight: 1, arbitrary: fc.record({ action: fc.constant("order-as-guest"), pauseMs }) },
  { weight: 4, arbitrary: fc.record({ action: fc.constant("cancel"), order: fc.nat({ max: 7 }), pauseMs }) },
  { weight: 2, arbitrary: fc.record({ action: fc.constant("pay"), customer, amount, pauseMs }) },
  {
    weight: 2,
    arbitrary: fc.record({ action: fc.constant("amend"), customer, limit: fc.nat({ max: 300 }), pauseMs }),
  },
);

export const anyHistory: fc.Arbitrary<History> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  faults: fc.subarray(faultKinds),
  limits: fc.array(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 2 }),
  clients: fc.array(fc.array(step, { minLength: 1, maxLength: 7 }), { minLength: 1, maxLength: 3 }),
  processes: fc.integer({ min: 1, max: 2 }),
  isBarSlow: fc.boolean(),
});
