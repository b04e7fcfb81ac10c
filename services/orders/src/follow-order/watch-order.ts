import { CommitOutcomeUnknown, isOutage, type Outbox, retryConflicts } from "@doubleshot/messaging";
import type { Logger, Place } from "@doubleshot/service-kit";
import type { Hints } from "@doubleshot/waiting";
import type { Answer, Completions, Wait } from "../completions.ts";
import { isFinal, type Order, watched } from "../order/order.ts";
import { aggregateOf, type OrderStore } from "../order/order-store.ts";
import type { NoPlace, PlaceAsk, WaitingPlaces } from "../waiting-places.ts";

export interface WatchOrderOptions {
  readonly outbox: Outbox;
  readonly store: OrderStore;
  readonly completions: Completions;
  readonly places: WaitingPlaces;
  readonly hints: Hints;
  readonly log: Logger;
}

export interface Watch {
  readonly orderId: string;
  /** What the order must be like. */
  readonly until: (order: Order) => boolean;
  /** Milliseconds; left out, as long as it takes. */
  readonly within?: number;
  /** Fires when the caller has gone. */
  readonly gone: AbortSignal;
  /** The caller that takes a place to wait. Left out for one that has a place already. */
  readonly by?: { readonly caller: string; readonly placer?: boolean };
}

export type Watched =
  /** It is as it was watched for. */
  | { readonly outcome: "seen"; readonly order: Order }
  /** Time is up, and it is like this. */
  | { readonly outcome: "not yet"; readonly order: Order }
  | { readonly outcome: "unknown order" }
  | { readonly outcome: "given up"; readonly reason: Exclude<Answer, Order | "removed"> | NoPlace };

/**
 * Waits for what becomes of an order that is in the table, whichever instance it was placed at or is changed by.
 *
 * This instance first begins to wait, then has itself entered with the order as one to be told of changes, and looks at
 * the order as it entered itself: whatever is committed later is told here by hint, whatever was committed before is
 * seen. To enter costs one write, once for an instance and order; an instance that the order knows already only reads.
 */
export class WatchOrder {
  readonly #options: WatchOrderOptions;

  constructor(options: WatchOrderOptions) {
    this.#options = options;
  }

  async watch(watch: Watch): Promise<Watched> {
    const { orderId, until, within, by } = watch;
    const { completions, store } = this.#options;
    if (within === 0) return seenOrNot(await store.get(orderId), until);
    const wait = completions.wait(orderId, until);
    let place: Pick<Place, "leave"> | NoPlace | undefined;
    try {
      place = by && (await this.#placeFor({ orderId, ...by, onTaken: wait.crowdOut }));
      if (typeof place === "string") return { outcome: "given up", reason: place };
      return await this.#untilAnswered(watch, wait);
    } finally {
      wait.leave();
      if (typeof place === "object") place.leave();
    }
  }

  /** Reads the order only where there is no place: its placer has a right to one, and strangers pay for the read. */
  async #placeFor(ask: PlaceAsk): Promise<Pick<Place, "leave"> | NoPlace> {
    const { places, store } = this.#options;
    const place = places.enter(ask);
    if (typeof place !== "string" || ask.placer) return place;
    const order = await store.get(ask.orderId);
    return order?.openFor === ask.caller ? places.enter({ ...ask, placer: true }) : place;
  }

  async #untilAnswered({ orderId, until, within, gone }: Watch, wait: Wait): Promise<Watched> {
    const { completions, store } = this.#options;
    const timer = within === undefined ? undefined : setTimeout(wait.leave, within);
    gone.addEventListener("abort", wait.leave, { once: true });
    try {
      const entered = await this.#enter(orderId, until);
      if (entered === undefined) return { outcome: "unknown order" };
      if (entered !== "out of reach") completions.seen(entered);
      if (gone.aborted) wait.leave();
      const answer = await wait.answer;
      if (typeof answer !== "string") return { outcome: "seen", order: answer };
      if (answer === "removed") return { outcome: "unknown order" };
      const timeIsUp = answer === "left" && !gone.aborted;
      return timeIsUp ? seenOrNot(await store.get(orderId), until) : { outcome: "given up", reason: answer };
    } finally {
      clearTimeout(timer);
      gone.removeEventListener("abort", wait.leave);
    }
  }

  /** The order, from now on with hints to here: unless there is nothing to wait for, or the order is final to all. */
  async #enter(orderId: string, until: Watch["until"]): Promise<Order | "out of reach" | undefined> {
    const { outbox, store, hints, log } = this.#options;
    const { address } = hints;
    const decide = (order: Order | undefined) =>
      order === undefined || address === undefined || until(order) || this.#isToldOfTheEnd(order, until)
        ? ({ outcome: "unchanged" } as const)
        : watched(order, address);
    try {
      return await retryConflicts(
        () => store.get(orderId),
        decide,
        async (decision, order) => {
          if (decision.outcome === "unchanged") return order;
          await outbox.commit({ aggregate: aggregateOf(decision.order), save: store.save(decision.order) });
          return { ...decision.order, version: decision.order.version + 1 };
        },
      );
    } catch (error) {
      if (!isOutage(error) && !(error instanceof CommitOutcomeUnknown)) throw error;
      log.warn({ err: error, orderId }, "could not be entered with an order; the sweep stands in");
      return "out of reach";
    }
  }

  /** The counter where it was placed is told when it is final, and whoever waits for that needs no more. */
  #isToldOfTheEnd({ replyTo }: Order, until: Watch["until"]): boolean {
    return until === isFinal && replyTo === this.#options.hints.address;
  }
}

function seenOrNot(order: Order | undefined, until: Watch["until"]): Watched {
  if (order === undefined) return { outcome: "unknown order" };
  return { outcome: until(order) ? "seen" : "not yet", order };
}
