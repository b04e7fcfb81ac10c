import type { SeededRandom } from "./seeded-random.ts";

/** What can go wrong, and what is merely unusual, in the words of coverage reports. */
export const faultKinds = [
  // Any call
  "request lost",
  "request late",
  "answer lost",
  "throttled",
  "bare 500",
  "call hung",
  // DynamoDB
  "transaction conflict",
  "idempotency token forgotten",
  "retried by the SDK",
  "item expired",
  "row written late",
  // S3
  "data kept in S3",
  // Streams and the event source mapping
  "record delayed",
  "shard split",
  "shards merged",
  "iterator expired",
  "checkpoint lost",
  "batch bisected",
  "batch repeated in part",
  "function timed out",
  "function scaled out",
  "host away",
  // SNS
  "entry failed",
  "entry refused",
  "aggregate parked",
  "row parked behind",
  "published again within the window",
  "published again after the window",
  "delivery delayed",
  "delivered twice",
  // SQS
  "several of a group received",
  "visibility ran out",
  "redelivered",
  "receipt handle expired",
  "send refused",
  // Processes
  "process crashed",
  "process suspended",
  "process stopped",
  "clock skewed",
  "handler slow",
  "handler failed",
  "handler gave up",
  "handler poisoned",
  "group blocked",
  "message dead-lettered",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** How likely each fault is where it could strike, from 0 to 1. What is not named never strikes. */
export type FaultRates = { readonly [Kind in FaultKind]?: number };

/** Decides by lot what goes wrong, and keeps count of what did. */
export class Faults {
  readonly random: SeededRandom;
  readonly #counts = new Map<FaultKind, number>();
  #rates: FaultRates;

  constructor(random: SeededRandom, rates: FaultRates = {}) {
    this.random = random;
    this.#rates = rates;
  }

  /** True when the fault happens now; it then counts as having happened. */
  strikes(kind: FaultKind): boolean {
    const strikes = this.random.chance(this.#rates[kind] ?? 0);
    if (strikes) this.saw(kind);
    return strikes;
  }

  /** Counts what came about by itself. */
  saw(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** How often each kind has happened; those that never have are absent. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#counts;
  }

  /** From now on nothing goes wrong by lot. */
  cease(): void {
    this.#rates = {};
  }

  change(rates: FaultRates): void {
    this.#rates = { ...this.#rates, ...rates };
  }
}
