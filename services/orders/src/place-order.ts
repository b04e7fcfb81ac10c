import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Hints } from "@doubleshot/hints";
import { ConcurrencyConflict, type Outbox, uuidv7 } from "@doubleshot/messaging";
import type { Logger } from "@doubleshot/service-kit";
import type { Admission, Limited } from "./admission.ts";
import type { Completions, Wait } from "./completions.ts";
import { bindKey, findKey, type IdempotencyKey, readBinding } from "./idempotency-key.ts";
import { type Changed, isFinal, type Order, type OrderRequest, place } from "./order.ts";
import { aggregateOf, type OrderStore } from "./order-store.ts";
import { untilKnown } from "./until-known.ts";
import type { WatchOrder } from "./watch-order.ts";

/** What a customer asks for, and how long they are there to hear of it. */
export interface Ask {
  readonly request: OrderRequest;
  readonly key?: IdempotencyKey;
  /** Whose limits it counts against, and whose turn it takes. */
  readonly caller: string;
  /** Fires when the caller has gone. */
  readonly gone: AbortSignal;
}

/** The key stands for another request. */
export interface KeyTaken {
  readonly outcome: "key taken";
}

/**
 * The process is stopping, the caller has gone, or too many others wait for the same order. The order may have been
 * placed, if it has an id here.
 */
export interface GivenUp {
  readonly outcome: "given up";
  readonly reason: "left" | "crowded out" | "draining";
  readonly orderId?: string;
}

interface NewlyPlaced {
  readonly outcome: "placed";
  readonly order: Order;
}

export type Placed =
  | NewlyPlaced
  /** The key has placed this order before. */
  | { readonly outcome: "known"; readonly orderId: string }
  | KeyTaken
  | Limited
  | GivenUp;

export type Served =
  /** The order is final. */
  | { readonly outcome: "served"; readonly order: Order }
  /** Time is up, and the order is like this. */
  | { readonly outcome: "not yet"; readonly order: Order }
  | KeyTaken
  | Limited
  | GivenUp;

export interface PlaceOrderOptions {
  readonly outbox: Outbox;
  readonly store: OrderStore;
  readonly completions: Completions;
  readonly watchOrder: WatchOrder;
  readonly admission: Admission;
  readonly hints: Hints;
  readonly client: DynamoDBDocumentClient;
  readonly requestsTable: string;
  /** Told of each order that is placed. */
  readonly onPlaced?: () => void;
  readonly log: Logger;
}

/**
 * Takes orders.
 *
 * A caller hears nothing before it is known whether their order is in the table: while AWS is out or silent the same
 * order, under the same id, is tried for as long as the caller is there. So whoever gets an answer has exactly one order.
 */
export class PlaceOrder {
  readonly #options: PlaceOrderOptions;
  /** Commits under way, each with what ends its retries. */
  readonly #underway = new Map<AbortController, Promise<unknown>>();
  #draining = false;

  constructor(options: PlaceOrderOptions) {
    this.#options = options;
  }

  /** Places the order. @throws what neither waiting nor asking again can mend; nothing was placed then. */
  place(ask: Ask): Promise<Placed> {
    return this.#place(uuidv7(), ask);
  }

  /**
   * Places the order and waits until it is final, `within` so many milliseconds, or however long that takes. Under a
   * key that has been used, waits for the order it stands for. @throws as `place`.
   */
  async placeAndWait(ask: Ask, within?: number): Promise<Served> {
    const id = uuidv7();
    // Before the commit: once the bar knows of the order, its completion may come at any moment.
    const wait = this.#options.completions.wait(id);
    try {
      const placed = await this.#place(id, ask);
      switch (placed.outcome) {
        case "placed":
          return await untilServed(placed.order, wait, { gone: ask.gone, within });
        case "known":
          wait.leave();
          return await this.#untilServedElsewhere(placed.orderId, ask.gone, within);
        default:
          return placed;
      }
    } finally {
      wait.leave();
    }
  }

  /** No more orders. Resolves when all commits under way have their outcome. */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const stop of this.#underway.keys()) stop.abort();
    await Promise.allSettled(this.#underway.values());
  }

  async #untilServedElsewhere(orderId: string, gone: AbortSignal, within: number | undefined): Promise<Served> {
    const bound = within === undefined ? {} : { within };
    const watched = await this.#options.watchOrder.watch({ orderId, until: isFinal, gone, ...bound });
    switch (watched.outcome) {
      case "seen":
        return { outcome: "served", order: watched.order };
      case "unknown order":
        throw new Error(`The order ${orderId}, which a key stands for, is not in the table.`);
      case "given up":
        return { ...watched, orderId };
      case "not yet":
        return watched;
    }
  }

  async #place(id: string, ask: Ask): Promise<Placed> {
    if (this.#draining) return { outcome: "given up", reason: "draining" };
    const admitted = await this.#options.admission.admit(ask.caller, id);
    // Who comes back for an order that they have is let in whatever the limits: their place is taken already.
    if (admitted.outcome === "limited") return (await this.#known(ask)) ?? admitted;
    return this.#settled(id, ask.caller, this.#untilPlaced(id, ask, admitted.turn));
  }

  /** Whatever comes of the commit, its place among the caller's orders is taken or free after it. */
  async #settled(id: string, caller: string, placing: Promise<Placed>): Promise<Placed> {
    const { admission, onPlaced } = this.#options;
    let isPlaced = false;
    try {
      const placed = await placing;
      isPlaced = placed.outcome === "placed";
      return placed;
    } finally {
      if (isPlaced) {
        admission.placed(caller);
        onPlaced?.();
      } else admission.giveBack(caller, id);
    }
  }

  async #known({ key, request }: Ask): Promise<Placed | undefined> {
    if (key === undefined) return undefined;
    const row = await findKey(this.#options.client, this.#options.requestsTable, key);
    return row === undefined ? undefined : boundTo(readBinding(row, request));
  }

  async #untilPlaced(id: string, ask: Ask, turn: number): Promise<Placed> {
    if (this.#draining || ask.gone.aborted)
      return { outcome: "given up", reason: this.#draining ? "draining" : "left" };
    const stop = new AbortController();
    const leave = () => stop.abort();
    ask.gone.addEventListener("abort", leave, { once: true });
    const commit = this.#commit(id, ask, { turn, signal: stop.signal });
    this.#underway.set(stop, commit);
    try {
      return await commit;
    } finally {
      this.#underway.delete(stop);
      ask.gone.removeEventListener("abort", leave);
    }
  }

  async #commit(id: string, ask: Ask, { turn, signal }: { turn: number; signal: AbortSignal }): Promise<Placed> {
    const { hints, log } = this.#options;
    const replyTo = hints.address;
    const decision = place(ask.request, {
      id,
      turn,
      openFor: ask.caller,
      placedAt: new Date().toISOString(),
      ...(replyTo === undefined ? {} : { replyTo }),
    });
    const result = await untilKnown(() => this.#try(decision, ask, signal), {
      signal,
      onTrouble: (error, attempt) =>
        log.warn({ err: error, orderId: id, attempt }, "an order is not committed yet; trying again"),
    });
    if (result.outcome !== "never known") return result;
    const reason = this.#draining ? "draining" : "left";
    return { outcome: "given up", reason, ...(result.mayExist ? { orderId: id } : {}) };
  }

  async #try({ order, events }: Changed, { request, key }: Ask, signal: AbortSignal): Promise<Placed> {
    const { outbox, store, requestsTable } = this.#options;
    const state = { aggregate: aggregateOf(order), save: store.save(order), events };
    const placed: NewlyPlaced = { outcome: "placed", order: { ...order, version: order.version + 1 } };
    // The caller decides how long it is worth trying, and the signal says when they have gone.
    const patience = { patience: Number.POSITIVE_INFINITY, signal };
    try {
      if (key === undefined) {
        await outbox.commit(state, patience);
        return placed;
      }
      const bind = bindKey(requestsTable, key, { orderId: order.id, request, now: Date.now() });
      const result = await outbox.commit({ ...state, guarded: { key: bind } }, patience);
      return result.outcome === "committed" ? placed : attach(result.found ?? {}, request, placed);
    } catch (error) {
      // Nobody else makes orders under this id: an earlier try went through.
      if (error instanceof ConcurrencyConflict) return placed;
      throw error;
    }
  }
}

/** The key was bound before: by an earlier try of ours, by the same request, or by another one. */
function attach(row: Readonly<Record<string, unknown>>, request: OrderRequest, placed: NewlyPlaced): Placed {
  const binding = readBinding(row, request);
  return binding.orderId === placed.order.id ? placed : boundTo(binding);
}

function boundTo({ orderId, same }: ReturnType<typeof readBinding>): Placed {
  return same ? { outcome: "known", orderId } : { outcome: "key taken" };
}

async function untilServed(
  order: Order,
  wait: Wait,
  { gone, within }: { gone: AbortSignal; within: number | undefined },
): Promise<Served> {
  if (gone.aborted) wait.leave();
  else gone.addEventListener("abort", wait.leave, { once: true });
  const timer = within === undefined ? undefined : setTimeout(wait.leave, within);
  const answer = await wait.answer;
  clearTimeout(timer);
  if (typeof answer !== "string") return { outcome: "served", order: answer };
  if (answer === "left" && !gone.aborted) return { outcome: "not yet", order };
  return { outcome: "given up", reason: answer, orderId: order.id };
}
