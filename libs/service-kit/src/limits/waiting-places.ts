import { type Place, SharedPlaces } from "./shared-places.ts";

/** Many more than there are devices from which one order is watched. */
const maxPerOrder = 50;

export interface WaitingPlaceRequest {
  readonly orderId: string;
  /** The caller's id. */
  readonly caller: string;
  /** The caller has placed this order. Their latest wait for it is never taken away for others. */
  readonly isPlacer?: boolean;
  /** Called once when other callers take the place. */
  readonly onTaken: () => void;
}

/** There is no place: "crowded-out" for this order, or "full" in this process. */
export type NoPlace = "crowded-out" | "full";

interface OrderPlaces {
  readonly places: SharedPlaces;
  /** Of the caller that placed the order, the latest. */
  placer?: Place;
}

/**
 * The places of callers that wait in this process: so many for each order, and so many in all.
 *
 * Both are shared by address. Anybody may learn of an order's id from the list and wait for it, so the caller that placed
 * it has a reserved place: one for each order, and a caller has a bounded number of open orders. Earlier waits of that
 * caller are as any other: their connections are most likely dead.
 */
export class WaitingPlaces {
  readonly #all: SharedPlaces;
  readonly #orders = new Map<string, OrderPlaces>();

  constructor(max: number) {
    this.#all = new SharedPlaces(max);
  }

  /** The callers that wait in this process. */
  get size(): number {
    return this.#all.size;
  }

  enter({ orderId, caller, isPlacer = false, onTaken }: WaitingPlaceRequest): Pick<Place, "leave"> | NoPlace {
    const order = this.#orders.get(orderId) ?? { places: new SharedPlaces(maxPerOrder) };
    this.#orders.set(orderId, order);
    if (isPlacer) order.placer?.release();
    const held: Place[] = [];
    const leave = () => {
      for (const place of held) place.leave();
      if (order.places.size === 0 && this.#orders.get(orderId) === order) this.#orders.delete(orderId);
    };
    const lose = () => {
      leave();
      onTaken();
    };
    for (const [places, reason] of [
      [order.places, "crowded-out"],
      [this.#all, "full"],
    ] as const) {
      const place = places.enter({ caller, isReserved: isPlacer, onTaken: lose });
      if (place === undefined) {
        leave();
        return reason;
      }
      held.push(place);
    }
    const release = () => {
      for (const place of held) place.release();
    };
    if (isPlacer) order.placer = { leave, release };
    return { leave };
  }
}
