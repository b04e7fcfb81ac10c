import type { Quota, TokenBuckets } from "@doubleshot/service-kit";
import type { OpenOrderLimit } from "./open-order-limit.ts";
import type { Limit, OrdersMetrics } from "./orders-metrics.ts";

export interface AdmissionOptions {
  readonly buckets: TokenBuckets;
  readonly openOrderLimit: OpenOrderLimit;
  readonly metrics: Pick<OrdersMetrics, "limited">;
}

export interface Admitted {
  readonly outcome: "admitted";
  readonly turn: number;
}

export interface Limited {
  readonly outcome: "limited";
  readonly by: Limit;
  /** The caller may try again after this time. */
  readonly retryAfterSeconds: number;
}

/** A place is free again when an order is served. That time is unknown, so callers repeat the request after this one. */
const fullRetryAfterSeconds = 5;

/**
 * Decides which orders are placed, before anything is written: a refused order costs no transaction. There are three limits:
 *
 * - the callers that wait in this process (`full`)
 * - the rate of a caller, in this process
 * - the open orders of a caller, counted in the table for the whole shop
 */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  async admit(caller: string, orderId: string): Promise<Admitted | Limited> {
    const { buckets, openOrderLimit } = this.#options;
    if (!buckets.take(caller)) return this.#limited("rate", buckets.quota(caller).nextInSeconds);
    const turn = await openOrderLimit.begin(caller, orderId);
    return turn === undefined ? this.#limited("open-orders", fullRetryAfterSeconds) : { outcome: "admitted", turn };
  }

  /** The refusal of a caller for whom there is no place to wait. */
  full(): Limited {
    return this.#limited("waiting", fullRetryAfterSeconds);
  }

  /**
   * The refusal of a caller that is over its rate. Not for a request with a key, because its order may have been placed
   * before.
   */
  overRate(caller: string): Limited | undefined {
    const { nextInSeconds } = this.quota(caller);
    return nextInSeconds > 0 ? this.#limited("rate", nextInSeconds) : undefined;
  }

  /** The admitted order is in the table. */
  placed(caller: string): void {
    this.#options.openOrderLimit.placed(caller);
  }

  /** The admitted order was not placed. */
  giveBack(caller: string, orderId: string): void {
    this.#options.buckets.giveBack(caller);
    this.#options.openOrderLimit.forget(caller, orderId);
  }

  quota(caller: string): Quota {
    return this.#options.buckets.quota(caller);
  }

  #limited(by: Limit, retryAfterSeconds: number): Limited {
    this.#options.metrics.limited(by);
    return { outcome: "limited", by, retryAfterSeconds };
  }
}
