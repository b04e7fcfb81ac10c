import type { Quota, TokenBuckets } from "@doubleshot/service-kit";
import type { OpenOrders } from "./open-orders.ts";
import type { Limit, OrdersMetrics } from "./orders-metrics.ts";

export interface AdmissionOptions {
  readonly buckets: TokenBuckets;
  readonly openOrders: OpenOrders;
  readonly metrics: Pick<OrdersMetrics, "limited">;
}

export interface Admitted {
  readonly outcome: "admitted";
  readonly turn: number;
}

export interface Limited {
  readonly outcome: "limited";
  readonly by: Limit;
  /** Seconds after which it is worth asking again. */
  readonly retryAfter: number;
}

/** Room comes with every order that is served; there is no telling when. */
const roomIn = 5;

/**
 * Decides which orders are taken, before anything is written: what is refused costs no transaction.
 *
 * Of the three limits, how many wait and how fast a caller orders are this process's own and cost nothing; how many
 * orders of a caller are open is counted in the table, for the whole shop.
 */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  async admit(caller: string, orderId: string): Promise<Admitted | Limited> {
    const { buckets, openOrders } = this.#options;
    if (!buckets.take(caller)) return this.#limited("rate", buckets.quota(caller).nextIn);
    const turn = await openOrders.begin(caller, orderId);
    return turn === undefined ? this.#limited("open orders", roomIn) : { outcome: "admitted", turn };
  }

  /** The refusal of a caller for whom there is no place to wait. */
  full(): Limited {
    return this.#limited("waiting", roomIn);
  }

  /**
   * Whether this caller is over their rate, for those who can be turned away unheard: who brings a key may come back for
   * an order that they have.
   */
  overRate(caller: string): Limited | undefined {
    const { nextIn } = this.quota(caller);
    return nextIn > 0 ? this.#limited("rate", nextIn) : undefined;
  }

  /** The order that was admitted is in the table. */
  placed(caller: string): void {
    this.#options.openOrders.placed(caller);
  }

  /** The order that was admitted did not come about. */
  giveBack(caller: string, orderId: string): void {
    this.#options.buckets.giveBack(caller);
    this.#options.openOrders.forget(caller, orderId);
  }

  quota(caller: string): Quota {
    return this.#options.buckets.quota(caller);
  }

  #limited(by: Limit, retryAfter: number): Limited {
    this.#options.metrics.limited(by);
    return { outcome: "limited", by, retryAfter };
  }
}
