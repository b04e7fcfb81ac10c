import { uuidv7 } from "@doubleshot/messaging";
import type { WaitingPlaces } from "@doubleshot/service-kit";
import type { WaitEnd, Waiters } from "@doubleshot/waiting";
import { isFinal, type Order } from "../order/order.ts";
import type { WatchOrder } from "../watch-order/watch-order.ts";
import type { PlaceOrder } from "./place-order.ts";
import type { PlaceOrderRequest, Served } from "./place-order-request.ts";

export interface PlaceAndWaitOptions {
  readonly placeOrder: Pick<PlaceOrder, "place">;
  readonly waiters: Waiters<Order>;
  readonly places: WaitingPlaces;
  readonly watchOrder: Pick<WatchOrder, "watch">;
}

/** Places orders whose callers wait until the order is final. */
export class PlaceAndWait {
  readonly #options: PlaceAndWaitOptions;

  constructor(options: PlaceAndWaitOptions) {
    this.#options = options;
  }

  /**
   * Places the order and waits until it is final, at most `timeoutMs`. A repeated key waits for the order it stands for.
   * @throws as `PlaceOrder.place`.
   */
  async serve(request: PlaceOrderRequest, timeoutMs?: number): Promise<Served> {
    const { placeOrder, waiters, places } = this.#options;
    const { caller, gone } = request;
    const id = uuidv7();
    // Before the commit: once the bar knows the order, its completion may come at any moment.
    const wait = waiters.wait(id, { timeoutMs, gone });
    const place = places.enter({ orderId: id, caller, isPlacer: true, onTaken: wait.crowdOut });
    const leave = () => {
      wait.leave();
      if (typeof place !== "string") place.leave();
    };
    try {
      const placed = await placeOrder.place(request, id, { hasPlace: typeof place !== "string" });
      if (placed.outcome === "placed") return served(placed.order, await wait.ended);
      if (placed.outcome !== "placed-before") return placed;
      leave();
      return await this.#waitForEarlier(placed.orderId, request, timeoutMs);
    } finally {
      leave();
    }
  }

  async #waitForEarlier(orderId: string, request: PlaceOrderRequest, timeoutMs?: number): Promise<Served> {
    const { caller, gone } = request;
    const by = { caller, isPlacer: true };
    const watched = await this.#options.watchOrder.watch({ orderId, until: isFinal, timeoutMs, gone, by });
    switch (watched.outcome) {
      case "reached":
        return { outcome: "served", order: watched.order };
      case "timed-out":
        return watched;
      case "unknown":
        // The key was bound in the commit that placed the order.
        return { outcome: "removed", orderId };
      case "given-up":
        return { ...watched, orderId };
    }
  }
}

function served(order: Order, end: WaitEnd<Order>): Served {
  switch (end.outcome) {
    case "answered":
      return { outcome: "served", order: end.record };
    case "timed-out":
      return { outcome: "timed-out", order };
    case "removed":
      return { outcome: "removed", orderId: order.id };
    default:
      return { outcome: "given-up", reason: end.outcome, orderId: order.id };
  }
}
