import fc from "fast-check";
import type { FaultKind, FaultRates } from "../../src/testing/faults.ts";

/** An action of a producer. */
export interface Step {
  readonly action: "note" | "note-several" | "note-large" | "save-silently" | "claim" | "count";
  /** Number of the aggregate. */
  readonly on: number;
  /** Pause before the action. */
  readonly pauseMs: number;
}

/** The plan of a simulation: the actions of its processes, and the faults that may happen. */
export interface Scenario {
  /** Determines the rest: latencies, and the calls and times at which faults happen. */
  readonly seed: number;
  readonly faults: readonly FaultKind[];
  readonly producers: readonly (readonly Step[])[];
  /** Processes that poll the same queue. */
  readonly pollers: number;
  /** Whether handlers commit events. */
  readonly chained: boolean;
  /** The aggregate for whose messages a handler fails, until it is mended. */
  readonly poisoned: number | undefined;
  /** The aggregates whose events the topic refuses for good, until it is mended. */
  readonly refused: readonly number[];
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
  "record-delayed": 0.1,
  "shard-split": 0.2,
  "shards-merged": 0.1,
  "iterator-expired": 0.1,
  "checkpoint-lost": 0.1,
  "function-timed-out": 0.1,
  "function-scaled-out": 0.1,
  "host-away": 0.2,
  "entry-failed": 0.1,
  "entry-refused": 0.05,
  "delivery-delayed": 0.1,
  "delivered-twice": 0.1,
  "send-refused": 0.2,
  "row-written-late": 0.5,
  "process-crashed": 0.01,
  "process-suspended": 0.01,
  "process-stopped": 0.05,
  "clock-skewed": 0.5,
  "handler-slow": 0.05,
  "handler-failed": 0.05,
  "handler-gave-up": 0.02,
};

/** Faults that make no handler run again. If no other fault happened, each handler runs once for each event. */
export const harmless: ReadonlySet<FaultKind> = new Set([
  "transaction-conflict",
  "idempotency-token-forgotten",
  "record-delayed",
  "shard-split",
  "shards-merged",
  "iterator-expired",
  "function-scaled-out",
  "entry-failed",
  "batch-repeated-in-part",
  "published-again-within-the-window",
  "delivery-delayed",
  "delivered-twice",
  "row-written-late",
  "process-stopped",
  "clock-skewed",
  "handler-slow",
  "item-expired",
  "data-kept-in-s3",
  "several-of-a-group-received",
  "redelivered",
]);

export function ratesOf(kinds: readonly FaultKind[]): FaultRates {
  return Object.fromEntries(kinds.map((kind) => [kind, rates[kind]]));
}

export const aggregates = 4;

const aCommand: fc.Arbitrary<Step> = fc.record({
  action: fc.oneof(
    { weight: 100, arbitrary: fc.constant("note" as const) },
    { weight: 40, arbitrary: fc.constant("note-several" as const) },
    { weight: 20, arbitrary: fc.constant("save-silently" as const) },
    { weight: 20, arbitrary: fc.constant("claim" as const) },
    { weight: 20, arbitrary: fc.constant("count" as const) },
    // Rare, because a large note takes as long as a hundred others.
    { weight: 1, arbitrary: fc.constant("note-large" as const) },
  ),
  on: fc.integer({ min: 0, max: aggregates - 1 }),
  pauseMs: fc.integer({ min: 0, max: 300 }),
});

const kinds = Object.keys(rates) as FaultKind[];
const harmlessKinds = kinds.filter((kind) => harmless.has(kind));

export const anyScenario: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  faults: fc.oneof({ weight: 4, arbitrary: fc.subarray(kinds) }, { weight: 1, arbitrary: fc.subarray(harmlessKinds) }),
  producers: fc.array(fc.array(aCommand, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  pollers: fc.integer({ min: 1, max: 2 }),
  chained: fc.boolean(),
  poisoned: fc.option(fc.integer({ min: 0, max: aggregates - 1 }), { nil: undefined, freq: 2 }),
  refused: fc.oneof(
    fc.constant([]),
    fc.subarray(
      Array.from({ length: aggregates }, (_, aggregate) => aggregate),
      { minLength: 1, maxLength: aggregates - 1 },
    ),
  ),
});
