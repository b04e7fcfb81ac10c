import { atNextVersion, isSameRequest, type RequestKeys, type RequestRow } from "@doubleshot/aggregates";
import { ConcurrencyConflictError } from "@doubleshot/messaging";
import { type Logger, requestKeyOf } from "@doubleshot/service-kit";
import type { Hints } from "@doubleshot/waiting";
import { type Changed, place } from "../order/order.ts";
import type { OrderAggregates } from "../order/order-aggregates.ts";
import { commitThroughOutages } from "./commit-through-outages.ts";
import type { GivenUp, KeyTaken, NewlyPlaced, PlacedBefore, PlaceOrderRequest } from "./place-order-request.ts";
import { requestToHash } from "./request-to-hash.ts";

export interface CommitOrderOptions {
  readonly orders: Pick<OrderAggregates, "commit" | "committed">;
  readonly requestKeys: Pick<RequestKeys, "bind" | "find">;
  readonly hints: Pick<Hints, "instanceId">;
  readonly log: Logger;
}

export type CommittedOrder = NewlyPlaced | PlacedBefore | KeyTaken | GivenUp;

/**
 * Commits new orders, together with their events and keys.
 *
 * No caller gets an answer before it is known whether the order is in the table: through an outage the same order, under
 * the same id, is tried for as long as the caller is there. So each caller that gets an answer has exactly one order. Only a
 * process that drains gives up earlier, and names the order that may have been placed.
 */
export class CommitOrder {
  readonly #options: CommitOrderOptions;
  /** Commits under way, each with the controller that ends its attempts. */
  readonly #underWay = new Map<AbortController, Promise<unknown>>();
  #isDraining = false;

  constructor(options: CommitOrderOptions) {
    this.#options = options;
  }

  async commit(id: string, request: PlaceOrderRequest, turn: number): Promise<CommittedOrder> {
    if (this.#isDraining) return { outcome: "given-up", reason: "draining" };
    if (request.gone.aborted) return { outcome: "given-up", reason: "left" };
    const stop = new AbortController();
    const leave = () => stop.abort();
    request.gone.addEventListener("abort", leave, { once: true });
    const commit = this.#commitThroughOutages(id, request, { turn, signal: stop.signal });
    this.#underWay.set(stop, commit);
    try {
      return await commit;
    } finally {
      this.#underWay.delete(stop);
      request.gone.removeEventListener("abort", leave);
    }
  }

  /** The order that the request's key stands for; undefined when the key is new. */
  async find({ key, request }: PlaceOrderRequest): Promise<PlacedBefore | KeyTaken | undefined> {
    if (key === undefined) return undefined;
    const row = await this.#options.requestKeys.find(requestKeyOf(key));
    return row && orderOf(row, request);
  }

  /** Begins no more commits, and repeats none. Resolves when those under way have their outcome. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    for (const stop of this.#underWay.keys()) stop.abort();
    await Promise.allSettled(this.#underWay.values());
  }

  async #commitThroughOutages(
    id: string,
    request: PlaceOrderRequest,
    { turn, signal }: { turn: number; signal: AbortSignal },
  ): Promise<CommittedOrder> {
    const { hints, log } = this.#options;
    const replyTo = hints.instanceId;
    const decision = place(request.request, {
      id,
      turn,
      openFor: request.caller,
      at: new Date().toISOString(),
      ...(replyTo === undefined ? {} : { replyTo }),
    });
    const result = await commitThroughOutages(() => this.#commitOnce(decision, request, signal), {
      signal,
      onRetry: (error, attempt) =>
        log.warn({ err: error, orderId: id, attempt }, "an order is not committed yet; trying again"),
    });
    if (result.outcome !== "never-known") return result;
    const reason = this.#isDraining ? "draining" : "left";
    return { outcome: "given-up", reason, ...(result.mayExist ? { orderId: id } : {}) };
  }

  async #commitOnce(
    decision: Changed,
    { request, key }: PlaceOrderRequest,
    signal: AbortSignal,
  ): Promise<CommittedOrder> {
    const { orders, requestKeys } = this.#options;
    const { state } = decision;
    const placed: NewlyPlaced = { outcome: "placed", order: atNextVersion(state) };
    const bound = { result: { orderId: state.id }, request: requestToHash(request), now: new Date() };
    const guarded = key && { key: requestKeys.bind(requestKeyOf(key), bound) };
    try {
      // The signal says when the caller has gone; until then the attempt is worth any time.
      const untilAborted = { timeoutMs: Number.POSITIVE_INFINITY, signal };
      const result = await orders.commit(decision, { ...untilAborted, ...(guarded && { guarded }) });
      if (result.outcome === "committed") return placed;
      const row = result.found ?? {};
      if (row.orderId !== state.id) return orderOf(row, request);
    } catch (error) {
      if (!(error instanceof ConcurrencyConflictError)) throw error;
    }
    // No other process uses this id, so an earlier attempt of this one has taken effect.
    orders.committed(decision);
    return placed;
  }
}

/** The order of a key that was bound before, by the same request or by another one. */
function orderOf(row: RequestRow, request: PlaceOrderRequest["request"]): PlacedBefore | KeyTaken {
  const orderId = String(row.orderId);
  return { outcome: isSameRequest(row, requestToHash(request)) ? "placed-before" : "key-taken", orderId };
}
