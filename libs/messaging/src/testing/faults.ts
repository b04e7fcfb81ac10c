import type { SeededRandom } from "./seeded-random.ts";

/** Failures and unusual events that the fake can produce. */
export const faultKinds = [
  // Any call
  "request-lost",
  "request-late",
  "answer-lost",
  "throttled",
  "bare-500",
  "call-hung",
  // DynamoDB
  "transaction-conflict",
  "idempotency-token-forgotten",
  "retried-by-the-sdk",
  "item-expired",
  "row-written-late",
  // S3
  "data-kept-in-s3",
  // Streams and the event source mapping
  "record-delayed",
  "shard-split",
  "shards-merged",
  "iterator-expired",
  "checkpoint-lost",
  "batch-bisected",
  "batch-repeated-in-part",
  "function-timed-out",
  "function-scaled-out",
  "host-away",
  // SNS
  "entry-failed",
  "entry-refused",
  "aggregate-parked",
  "row-parked-behind",
  "published-again-within-the-window",
  "published-again-after-the-window",
  "delivery-delayed",
  "delivered-twice",
  // SQS
  "several-of-a-group-received",
  "visibility-ran-out",
  "redelivered",
  "receipt-handle-expired",
  "send-refused",
  // Processes
  "process-crashed",
  "process-suspended",
  "process-stopped",
  "clock-skewed",
  "handler-slow",
  "handler-failed",
  "handler-gave-up",
  "handler-poisoned",
  "group-blocked",
  "message-dead-lettered",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** Probability of each fault where it can happen, from 0 to 1. Default 0. */
export type FaultRates = { readonly [Kind in FaultKind]?: number };

/** Decides at random which faults happen, and counts them. */
export class Faults {
  readonly random: SeededRandom;
  readonly #counts = new Map<FaultKind, number>();
  #rates: FaultRates;

  constructor(random: SeededRandom, rates: FaultRates = {}) {
    this.random = random;
    this.#rates = rates;
  }

  /** True when the fault happens now, which counts it. */
  strikes(kind: FaultKind): boolean {
    const strikes = this.random.chance(this.#rates[kind] ?? 0);
    if (strikes) this.saw(kind);
    return strikes;
  }

  /** Counts a fault that happened by itself. */
  saw(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** Count of each kind that has happened. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#counts;
  }

  /** From now on no fault happens at random. */
  cease(): void {
    this.#rates = {};
  }

  change(rates: FaultRates): void {
    this.#rates = { ...this.#rates, ...rates };
  }
}
