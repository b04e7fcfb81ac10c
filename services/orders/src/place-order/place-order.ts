import { uuidv7 } from "@doubleshot/messaging";
import type { Admission } from "../admission.ts";
import type { Ask, Placed } from "./ask.ts";
import type { CommitOrder, Committed } from "./commit-order.ts";

export interface PlaceOrderOptions {
  readonly commitOrder: CommitOrder;
  readonly admission: Admission;
  /** Told of each order that is placed. */
  readonly onPlaced?: () => void;
}

/** Takes orders: who is admitted has theirs committed, and who comes back under a key is told what it stands for. */
export class PlaceOrder {
  readonly #options: PlaceOrderOptions;
  #closed = false;

  constructor(options: PlaceOrderOptions) {
    this.#options = options;
  }

  /**
   * Places the order, under this id. Without a place to wait, only an order that the key has placed before is found.
   * @throws what neither waiting nor asking again can mend; nothing was placed then.
   */
  async place(ask: Ask, id: string = uuidv7(), { hasPlace = true } = {}): Promise<Placed> {
    const placed = await this.#place(ask, id, hasPlace);
    const orderId = placed.outcome === "placed" ? placed.order.id : "orderId" in placed ? placed.orderId : undefined;
    if (orderId !== undefined) ask.onOrder?.(orderId);
    return placed;
  }

  async #place(ask: Ask, id: string, hasPlace: boolean): Promise<Placed> {
    const { admission, commitOrder } = this.#options;
    if (this.#closed) return (await commitOrder.known(ask)) ?? { outcome: "given up", reason: "draining" };
    const admitted = hasPlace ? await admission.admit(ask.caller, id) : admission.full();
    // Who comes back for an order that they have is let in whatever the limits: their place is taken already.
    if (admitted.outcome === "limited") return (await commitOrder.known(ask)) ?? admitted;
    return this.#settled(id, ask.caller, commitOrder.commit(id, ask, admitted.turn));
  }

  /** No more orders. Who comes back for one that they have is still told of it. */
  close(): void {
    this.#closed = true;
  }

  /** Closes, and resolves when all commits under way have their outcome. */
  async drain(): Promise<void> {
    this.close();
    await this.#options.commitOrder.drain();
  }

  /** Whatever comes of the commit, its place among the caller's orders is taken or free after it. */
  async #settled(id: string, caller: string, committing: Promise<Committed>): Promise<Committed> {
    const { admission, onPlaced } = this.#options;
    let isPlaced = false;
    try {
      const committed = await committing;
      isPlaced = committed.outcome === "placed";
      return committed;
    } finally {
      if (isPlaced) {
        admission.placed(caller);
        onPlaced?.();
      } else admission.giveBack(caller, id);
    }
  }
}
