import { uuidv7 } from "@doubleshot/messaging";
import type { Admission } from "../admission.ts";
import type { CommitOrder, CommittedOrder } from "./commit-order.ts";
import type { Placed, PlaceOrderRequest } from "./place-order-request.ts";

export interface PlaceOrderOptions {
  readonly commitOrder: Pick<CommitOrder, "commit" | "find" | "drain">;
  readonly admission: Admission;
}

/** Places orders. An admitted caller's order is committed; a repeated key returns the order it stands for. */
export class PlaceOrder {
  readonly #options: PlaceOrderOptions;
  #isClosed = false;

  constructor(options: PlaceOrderOptions) {
    this.#options = options;
  }

  /**
   * Places the order, under this id. Without a place to wait, only an order that the key has placed before is found.
   * @throws Errors that neither waiting nor a repetition can mend; nothing was placed then.
   */
  async place(request: PlaceOrderRequest, id: string = uuidv7(), { hasPlace = true } = {}): Promise<Placed> {
    const placed = await this.#place(request, id, hasPlace);
    const orderId = placed.outcome === "placed" ? placed.order.id : "orderId" in placed ? placed.orderId : undefined;
    if (orderId !== undefined) request.onOrder?.(orderId);
    return placed;
  }

  /** Places no more orders. A repeated key still returns its order. */
  close(): void {
    this.#isClosed = true;
  }

  /** Closes, and resolves when all commits under way have their outcome. */
  async drain(): Promise<void> {
    this.close();
    await this.#options.commitOrder.drain();
  }

  async #place(request: PlaceOrderRequest, id: string, hasPlace: boolean): Promise<Placed> {
    const { admission, commitOrder } = this.#options;
    if (this.#isClosed) return (await commitOrder.find(request)) ?? { outcome: "given-up", reason: "draining" };
    const admitted = hasPlace ? await admission.admit(request.caller, id) : admission.full();
    // A key returns its order whatever the limits, because that order counts already.
    if (admitted.outcome === "limited") return (await commitOrder.find(request)) ?? admitted;
    return this.#settled(id, request.caller, commitOrder.commit(id, request, admitted.turn));
  }

  /** After the commit, the order's place among the caller's open orders is taken, or free again. */
  async #settled(id: string, caller: string, committing: Promise<CommittedOrder>): Promise<CommittedOrder> {
    const { admission } = this.#options;
    let isPlaced = false;
    try {
      const committed = await committing;
      isPlaced = committed.outcome === "placed";
      return committed;
    } finally {
      if (isPlaced) admission.placed(caller);
      else admission.giveBack(caller, id);
    }
  }
}
