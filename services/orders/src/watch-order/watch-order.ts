import { CommitOutcomeUnknownError, isOutage } from "@doubleshot/messaging";
import type { Logger, NoPlace, Place, WaitingPlaceRequest, WaitingPlaces } from "@doubleshot/service-kit";
import type { Hints, Waiters } from "@doubleshot/waiting";
import { isFinal, type Order, watched } from "../order/order.ts";
import type { OrderAggregates } from "../order/order-aggregates.ts";
import type { OrderStore } from "../order/order-store.ts";

export interface WatchOrderOptions {
  readonly orders: Pick<OrderAggregates, "change">;
  readonly store: Pick<OrderStore, "get">;
  readonly waiters: Waiters<Order>;
  readonly places: WaitingPlaces;
  readonly hints: Pick<Hints, "instanceId">;
  readonly log: Logger;
}

export interface Watch {
  readonly orderId: string;
  /** The awaited state. */
  readonly until: (order: Order) => boolean;
  /** Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Aborts when the caller has gone. */
  readonly gone: AbortSignal;
  /** The caller that takes a place to wait. Left out for a caller that has a place already. */
  readonly by?: { readonly caller: string; readonly isPlacer?: boolean };
}

export type Watched =
  /** The order is in the awaited state. */
  | { readonly outcome: "reached"; readonly order: Order }
  /** The time is up, and the order is like this. */
  | { readonly outcome: "timed-out"; readonly order: Order }
  | { readonly outcome: "unknown" }
  | { readonly outcome: "given-up"; readonly reason: "left" | "crowded-out" | "draining" | NoPlace };

/**
 * Waits for a state of an order, which any instance may have placed and may change:
 * 1. register the waiter;
 * 2. add this instance to the order's `watchers`, so that it gets hints of later changes;
 * 3. answer with the order that this write returned, if it has the awaited state.
 *
 * The write happens once for an instance and order. An instance that the order knows already only reads.
 */
export class WatchOrder {
  readonly #options: WatchOrderOptions;

  constructor(options: WatchOrderOptions) {
    this.#options = options;
  }

  async watch({ orderId, until, timeoutMs, gone, by }: Watch): Promise<Watched> {
    const { waiters } = this.#options;
    if (timeoutMs === 0) return this.#read(orderId, until);
    const wait = waiters.wait(orderId, { until, timeoutMs, gone });
    let place: Pick<Place, "leave"> | NoPlace | undefined;
    try {
      place = by && (await this.#placeFor({ orderId, ...by, onTaken: wait.crowdOut }));
      if (typeof place === "string") return { outcome: "given-up", reason: place };
      const registered = await this.#register(orderId, until);
      if (registered === "unknown") return { outcome: "unknown" };
      if (registered !== "unreachable") waiters.observe(registered);
      const end = await wait.ended;
      switch (end.outcome) {
        case "answered":
          return { outcome: "reached", order: end.record };
        case "removed":
          return { outcome: "unknown" };
        case "timed-out":
          return await this.#read(orderId, until);
        default:
          return { outcome: "given-up", reason: end.outcome };
      }
    } finally {
      wait.leave();
      if (typeof place === "object") place.leave();
    }
  }

  /** Without a free place, reads the order to see whether this caller placed it: a placer has a right to a place. */
  async #placeFor(request: WaitingPlaceRequest): Promise<Pick<Place, "leave"> | NoPlace> {
    const { places, store } = this.#options;
    const place = places.enter(request);
    if (typeof place !== "string" || request.isPlacer) return place;
    const order = await store.get(request.orderId);
    return order?.openFor === request.caller ? places.enter({ ...request, isPlacer: true }) : place;
  }

  /** The order, with hints to this instance from now on unless the wait needs none. */
  async #register(orderId: string, until: Watch["until"]): Promise<Order | "unknown" | "unreachable"> {
    const { orders, hints, log } = this.#options;
    const { instanceId } = hints;
    try {
      const { state } = await orders.change(orderId, (order) => {
        // The instance where the order was placed gets a hint when the order is final.
        const needsNone = until(order) || (until === isFinal && order.replyTo === instanceId);
        return instanceId === undefined || needsNone ? { outcome: "unchanged" } : watched(order, instanceId);
      });
      return state ?? "unknown";
    } catch (error) {
      if (!isOutage(error) && !(error instanceof CommitOutcomeUnknownError)) throw error;
      log.warn({ err: error, orderId }, "could not register for hints of an order; the sweep finds its changes");
      return "unreachable";
    }
  }

  async #read(orderId: string, until: Watch["until"]): Promise<Watched> {
    const order = await this.#options.store.get(orderId);
    if (order === undefined) return { outcome: "unknown" };
    return { outcome: until(order) ? "reached" : "timed-out", order };
  }
}
