import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { ConcurrencyConflict, type Outbox } from "@doubleshot/messaging";
import type { Logger } from "@doubleshot/service-kit";
import type { Hints } from "@doubleshot/waiting";
import { type Changed, type OrderRequest, place } from "../order/order.ts";
import { aggregateOf, type OrderStore } from "../order/order-store.ts";
import type { Ask, GivenUp, KeyTaken, NewlyPlaced, PlacedBefore } from "./ask.ts";
import { bindKey, findKey, readBinding } from "./idempotency-key.ts";
import { untilKnown } from "./until-known.ts";

export interface CommitOrderOptions {
  readonly outbox: Outbox;
  readonly store: OrderStore;
  readonly hints: Hints;
  readonly client: DynamoDBDocumentClient;
  readonly requestsTable: string;
  readonly log: Logger;
}

export type Committed = NewlyPlaced | PlacedBefore | KeyTaken | GivenUp;

/**
 * Commits orders, together with their news and their keys.
 *
 * A caller hears nothing before it is known whether their order is in the table: while AWS is out or silent the same
 * order, under the same id, is tried for as long as the caller is there. So whoever gets an answer has exactly one order.
 */
export class CommitOrder {
  readonly #options: CommitOrderOptions;
  /** Commits under way, each with what ends its retries. */
  readonly #underway = new Map<AbortController, Promise<unknown>>();
  #draining = false;

  constructor(options: CommitOrderOptions) {
    this.#options = options;
  }

  async commit(id: string, ask: Ask, turn: number): Promise<Committed> {
    if (this.#draining) return { outcome: "given up", reason: "draining" };
    if (ask.gone.aborted) return { outcome: "given up", reason: "left" };
    const stop = new AbortController();
    const leave = () => stop.abort();
    ask.gone.addEventListener("abort", leave, { once: true });
    const commit = this.#untilKnown(id, ask, { turn, signal: stop.signal });
    this.#underway.set(stop, commit);
    try {
      return await commit;
    } finally {
      this.#underway.delete(stop);
      ask.gone.removeEventListener("abort", leave);
    }
  }

  /** What the key of the ask stands for already; undefined when that is nothing. */
  async known({ key, request }: Ask): Promise<PlacedBefore | KeyTaken | undefined> {
    if (key === undefined) return undefined;
    const row = await findKey(this.#options.client, this.#options.requestsTable, key);
    return row === undefined ? undefined : boundTo(readBinding(row, request));
  }

  /** Begins no more commits, and repeats none. Resolves when those under way have their outcome. */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const stop of this.#underway.keys()) stop.abort();
    await Promise.allSettled(this.#underway.values());
  }

  async #untilKnown(id: string, ask: Ask, { turn, signal }: { turn: number; signal: AbortSignal }): Promise<Committed> {
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

  async #try({ order, events }: Changed, { request, key }: Ask, signal: AbortSignal): Promise<Committed> {
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
function attach(row: Readonly<Record<string, unknown>>, request: OrderRequest, placed: NewlyPlaced): Committed {
  const binding = readBinding(row, request);
  return binding.orderId === placed.order.id ? placed : boundTo(binding);
}

function boundTo({ orderId, same }: ReturnType<typeof readBinding>): PlacedBefore | KeyTaken {
  return same ? { outcome: "known", orderId } : { outcome: "key taken", orderId };
}
