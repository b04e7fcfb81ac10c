import { uuidv7 } from "@doubleshot/messaging";
import type { Completions, Wait } from "../completions.ts";
import type { WatchOrder } from "../follow-order/watch-order.ts";
import { isFinal, type Order } from "../order/order.ts";
import type { WaitingPlaces } from "../waiting-places.ts";
import type { Ask, Served } from "./ask.ts";
import type { PlaceOrder } from "./place-order.ts";

export interface PlaceAndWaitOptions {
  readonly placeOrder: PlaceOrder;
  readonly completions: Completions;
  readonly places: WaitingPlaces;
  readonly watchOrder: WatchOrder;
}

/** For how long a caller waits: until they have gone, and `within` so many milliseconds, or however long it takes. */
interface Patience {
  readonly gone: AbortSignal;
  readonly within: number | undefined;
}

/** Takes orders of those who stay until they are served. */
export class PlaceAndWait {
  readonly #options: PlaceAndWaitOptions;

  constructor(options: PlaceAndWaitOptions) {
    this.#options = options;
  }

  /**
   * Places the order and waits until it is final, `within` so many milliseconds, or however long that takes. Under a
   * key that has been used, waits for the order it stands for. @throws as `PlaceOrder.place`.
   */
  async serve(ask: Ask, within?: number): Promise<Served> {
    const { placeOrder, completions, places } = this.#options;
    const patience = { gone: ask.gone, within };
    const id = uuidv7();
    // Before the commit: once the bar knows of the order, its completion may come at any moment.
    const wait = completions.wait(id);
    const place = places.enter({ orderId: id, caller: ask.caller, placer: true, onTaken: wait.crowdOut });
    try {
      const placed = await placeOrder.place(ask, id, { hasPlace: typeof place !== "string" });
      switch (placed.outcome) {
        case "placed":
          completions.seen(placed.order);
          return await untilServed(placed.order, wait, patience);
        case "known":
          wait.leave();
          if (typeof place !== "string") place.leave();
          return await this.#untilServedElsewhere(placed.orderId, ask.caller, patience);
        default:
          return placed;
      }
    } finally {
      wait.leave();
      if (typeof place !== "string") place.leave();
    }
  }

  async #untilServedElsewhere(orderId: string, caller: string, { gone, within }: Patience): Promise<Served> {
    const bound = within === undefined ? {} : { within };
    const watched = await this.#options.watchOrder.watch({
      orderId,
      until: isFinal,
      gone,
      by: { caller, placer: true },
      ...bound,
    });
    switch (watched.outcome) {
      case "seen":
        return { outcome: "served", order: watched.order };
      case "unknown order":
        // The key was bound in the commit that placed it.
        return { outcome: "removed", orderId };
      case "given up":
        return { ...watched, orderId };
      case "not yet":
        return watched;
    }
  }
}

async function untilServed(order: Order, wait: Wait, { gone, within }: Patience): Promise<Served> {
  if (gone.aborted) wait.leave();
  else gone.addEventListener("abort", wait.leave, { once: true });
  const timer = within === undefined ? undefined : setTimeout(wait.leave, within);
  const answer = await wait.answer;
  clearTimeout(timer);
  if (typeof answer !== "string") return { outcome: "served", order: answer };
  if (answer === "removed") return { outcome: "removed", orderId: order.id };
  if (answer === "left" && !gone.aborted) return { outcome: "not yet", order };
  return { outcome: "given up", reason: answer, orderId: order.id };
}
