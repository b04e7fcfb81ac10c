import type { Logger } from "@doubleshot/service-kit";
import { lookAfter, shortestLook } from "./look-times.ts";
import { isFinal, type Order } from "./order/order.ts";
import type { OrderStore } from "./order/order-store.ts";

/** What became of a wait: the order as it was waited for, or why the wait ended without. */
export type Answer = Order | "removed" | "left" | "crowded out" | "draining";

export interface Wait {
  readonly answer: Promise<Answer>;
  /** The caller has gone. The order goes on without them. Harmless when the wait is over. */
  leave(): void;
  /** Other callers have taken the place. Harmless when the wait is over. */
  crowdOut(): void;
}

export interface CompletionsOptions {
  readonly store: OrderStore;
  readonly log: Logger;
  /** False: nobody looks unless told to, as when hints are tested alone. */
  readonly sweep: boolean;
  /** Where hints find this process now; undefined while they do not. */
  readonly address?: () => string | undefined;
  /** Told how long each answered wait took, in seconds. */
  readonly onAnswered?: (seconds: number) => void;
}

interface Waiter {
  readonly until: (order: Order) => boolean;
  readonly answer: (answer: Answer) => void;
}

/** All who wait for one order. */
interface Outstanding {
  readonly waits: Set<Waiter>;
  readonly since: number;
  /** The address under which it is waited for; undefined: no hint will come. */
  address: string | undefined;
  nextLook: number;
  /** It has been seen in the table. From then on it is missed when it is not there. */
  there: boolean;
}

/** What one call reads. Who is found is answered then, and does not wait for the thousands that are still to be read. */
const ordersPerRead = 100;

/**
 * Who waits for which order.
 *
 * A wait is *outstanding* from before its order is committed. It ends once, in one of five ways:
 * - *answered*, when the order is seen as it is waited for (final, unless it was asked otherwise): either because it was
 *   committed by this process, or because somebody looked, which is a consistent read of the table;
 * - *removed*, when the order had been seen, and a look does not find it any more: somebody has deleted its row;
 * - *left*, when the caller has gone;
 * - *crowded out*, when other callers have taken its place (see `WaitingPlaces`);
 * - *draining*, when the process stops; a wait that begins after that ends at once.
 *
 * Outstanding orders are looked at when a hint names them, when a caller comes back for one, and by the sweep, which
 * needs no news at all: a lost hint costs latency and nothing else. "Not there yet" and "not final" never end a wait,
 * because an order is waited for before it exists. An order that nobody waits for is never read; when nobody waits for
 * any, nothing runs. The longer an order has been outstanding, the less often the sweep reads it.
 */
export class Completions {
  readonly #options: CompletionsOptions;
  readonly #orders = new Map<string, Outstanding>();
  #waiting = 0;
  #draining = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CompletionsOptions) {
    this.#options = options;
  }

  /** How many orders are waited for. */
  get outstanding(): number {
    return this.#orders.size;
  }

  /** How many wait for them. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Begins a wait. Begin it before the order is committed, or `look` after: whatever happens in between is not missed.
   */
  wait(orderId: string, until: (order: Order) => boolean = isFinal): Wait {
    const { promise: answer, resolve } = Promise.withResolvers<Answer>();
    if (this.#draining) {
      resolve("draining");
      return { answer, leave: () => undefined, crowdOut: () => undefined };
    }
    const outstanding = this.#outstandingFor(orderId);
    const waiter = { until, answer: resolve };
    outstanding.waits.add(waiter);
    this.#waiting += 1;
    this.#schedule();
    const end = (reason: "left" | "crowded out") => this.#end(orderId, outstanding, waiter, reason);
    return { answer, leave: () => end("left"), crowdOut: () => end("crowded out") };
  }

  /** The order has just been read or committed, so this is the truth: answers those who wait for it to be like this. */
  seen(order: Order): void {
    const outstanding = this.#orders.get(order.id);
    if (outstanding === undefined) return;
    outstanding.there = true;
    for (const waiter of outstanding.waits) {
      if (!waiter.until(order)) continue;
      this.#end(order.id, outstanding, waiter, order);
      this.#options.onAnswered?.((performance.now() - outstanding.since) / 1_000);
    }
  }

  /** Reads those of the orders that somebody waits for here. Never throws: the sweep tries again. */
  async look(orderIds: readonly string[]): Promise<void> {
    const outstanding = orderIds.filter((id) => this.#orders.has(id));
    for (let start = 0; start < outstanding.length; start += ordersPerRead) {
      const left = outstanding.slice(start);
      try {
        await this.#read(left.slice(0, ordersPerRead));
      } catch (error) {
        this.#options.log.warn({ err: error, orders: left.length }, "could not look at waited-for orders");
        this.#lookSoon(left);
        return;
      }
    }
  }

  /** Ends all waits, and all that begin from now on. */
  drain(): void {
    this.#draining = true;
    for (const [orderId, outstanding] of this.#orders) this.#endAll(orderId, outstanding, "draining");
  }

  async #read(orderIds: readonly string[]): Promise<void> {
    const there = orderIds.filter((id) => this.#orders.get(id)?.there);
    const found = await this.#options.store.getMany(orderIds);
    for (const order of found) this.seen(order);
    this.#endRemoved(there, new Set(found.map(({ id }) => id)));
  }

  /** Those that were there before the look began, and were not found by it. */
  #endRemoved(there: readonly string[], found: ReadonlySet<string>): void {
    for (const orderId of there) {
      const outstanding = this.#orders.get(orderId);
      if (found.has(orderId) || outstanding === undefined) continue;
      this.#options.log.warn({ orderId }, "an order that is waited for has been removed from the table");
      this.#endAll(orderId, outstanding, "removed");
    }
  }

  #endAll(orderId: string, outstanding: Outstanding, answer: Answer): void {
    for (const waiter of outstanding.waits) this.#end(orderId, outstanding, waiter, answer);
  }

  #outstandingFor(orderId: string): Outstanding {
    const known = this.#orders.get(orderId);
    if (known) return known;
    const since = performance.now();
    const address = this.#options.address?.();
    const nextLook = lookAfter(since, { since, address });
    const outstanding = { waits: new Set<Waiter>(), since, address, nextLook, there: false };
    this.#orders.set(orderId, outstanding);
    return outstanding;
  }

  #end(orderId: string, outstanding: Outstanding, waiter: Waiter, answer: Answer): void {
    if (!outstanding.waits.delete(waiter)) return;
    this.#waiting -= 1;
    waiter.answer(answer);
    if (outstanding.waits.size === 0 && this.#orders.get(orderId) === outstanding) this.#forget(orderId);
  }

  #forget(orderId: string): void {
    this.#orders.delete(orderId);
    if (this.#orders.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One timer for all orders, and none for no orders. */
  #schedule(): void {
    if (!this.#options.sweep || this.#timer !== undefined || this.#orders.size === 0) return;
    this.#timer = setTimeout(() => void this.#sweep(), shortestLook / 2);
  }

  async #sweep(): Promise<void> {
    const now = performance.now();
    const address = this.#options.address?.();
    const due: string[] = [];
    for (const [orderId, outstanding] of this.#orders) {
      const unreachable = outstanding.address !== undefined && outstanding.address !== address;
      // Hints went where we are no more, for who knows how long.
      if (unreachable) outstanding.address = undefined;
      else if (outstanding.nextLook > now) continue;
      due.push(orderId);
      outstanding.nextLook = lookAfter(now, outstanding);
    }
    const timer = this.#timer;
    await this.look(due);
    // While it looked, the last wait may have ended and another begun, with a timer of its own.
    if (this.#timer !== timer) return;
    this.#timer = undefined;
    this.#schedule();
  }

  #lookSoon(orderIds: readonly string[]): void {
    const soon = performance.now() + 1_000;
    for (const orderId of orderIds) {
      const outstanding = this.#orders.get(orderId);
      if (outstanding) outstanding.nextLook = Math.min(outstanding.nextLook, soon);
    }
  }
}
