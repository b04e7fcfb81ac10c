import type { Logger } from "@doubleshot/service-kit";
import { LRUCache } from "lru-cache";
import type { OrderStore } from "./order/order-store.ts";

export interface OpenOrderLimitOptions {
  readonly store: OrderStore;
  readonly log: Logger;
  /** Open orders that a caller may have. */
  readonly maxOpen: number;
  /** Milliseconds on a clock that only goes forward. Default: `performance.now`. */
  readonly now?: () => number;
}

interface Caller {
  /** Open orders as the index last showed them. */
  counted: ReadonlySet<string>;
  countedAt: number;
  counting: Promise<void> | undefined;
  /** Orders begun here, and when, until the index can be trusted to show them. */
  readonly begun: Map<string, number>;
  /** Orders being placed at this moment, and the callers that wait until there are fewer. */
  placing: number;
  readonly waiting: (() => void)[];
}

/** A count is used for this time: a rush from one address counts four times a second, not for each order. */
const countedForMs = 250;
/** The index may be behind by this time. As a rule it is milliseconds. */
const indexLagMs = 2_000;
const maxIdleCallers = 10_000;
/** Orders of one caller that are placed side by side. More would run ahead of every count, here and elsewhere. */
const maxPlacedAtOnce = 20;

/**
 * Limits the open orders of each caller, in the whole shop.
 *
 * They are counted by a query of the index of open orders, not by a counter: a counter would be one hot item for an
 * address that orders a lot, and once wrong it would stay wrong. The index is a moment behind, so orders begun here are
 * added until it has had time to show them; of those begun at the same moment on another instance some may be missed:
 * some twenty for each other instance.
 */
export class OpenOrderLimit {
  readonly #options: OpenOrderLimitOptions;
  readonly #now: () => number;
  /** Callers that place orders at this moment. To forget one would leave those in its line waiting for ever. */
  readonly #placing = new Map<string, Caller>();
  readonly #idle = new LRUCache<string, Caller>({ max: maxIdleCallers });

  constructor(options: OpenOrderLimitOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Returns the order's turn: 1 for the caller's first open order. Undefined if the caller has as many as it may. An order
   * with a turn counts as being placed until `placed` or `forget`. A caller that places many at once waits here.
   */
  async begin(address: string, orderId: string): Promise<number | undefined> {
    const caller = this.#caller(address);
    if (caller.placing >= maxPlacedAtOnce) await new Promise<void>((resolve) => caller.waiting.push(resolve));
    else {
      caller.placing += 1;
      this.#placing.set(address, caller);
    }
    if (this.#now() - caller.countedAt >= countedForMs) {
      caller.counting ??= this.#count(address, caller).finally(() => {
        caller.counting = undefined;
      });
      await caller.counting;
    }
    const open = new Set([...caller.counted, ...caller.begun.keys()]).size;
    if (open < this.#options.maxOpen) {
      caller.begun.set(orderId, this.#now());
      return open + 1;
    }
    this.#letNext(address, caller);
    return undefined;
  }

  /** The order is in the table. */
  placed(address: string): void {
    this.#letNext(address, this.#caller(address));
  }

  /** The order was not placed. */
  forget(address: string, orderId: string): void {
    const caller = this.#caller(address);
    caller.begun.delete(orderId);
    this.#letNext(address, caller);
  }

  /** The next in line takes the place over; `placing` stays as it is then. */
  #letNext(address: string, caller: Caller): void {
    const next = caller.waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    caller.placing = Math.max(0, caller.placing - 1);
    if (caller.placing > 0) return;
    this.#placing.delete(address);
    this.#idle.set(address, caller);
  }

  async #count(address: string, caller: Caller): Promise<void> {
    const { store, log, maxOpen } = this.#options;
    const startedAt = this.#now();
    try {
      caller.counted = new Set(await store.openFor(address, maxOpen));
      caller.countedAt = startedAt;
      for (const [id, at] of caller.begun) if (at < startedAt - indexLagMs) caller.begun.delete(id);
    } catch (error) {
      // The commit of the order needs the table, too. A wrong turn is no reason to refuse the order.
      log.warn({ err: error }, "open orders could not be counted; counting only the orders that this process began");
    }
  }

  #caller(address: string): Caller {
    const known = this.#placing.get(address) ?? this.#idle.get(address);
    if (known !== undefined) return known;
    const caller = emptyCaller();
    this.#idle.set(address, caller);
    return caller;
  }
}

const emptyCaller = (): Caller => ({
  counted: new Set(),
  countedAt: Number.NEGATIVE_INFINITY,
  counting: undefined,
  begun: new Map(),
  placing: 0,
  waiting: [],
});
