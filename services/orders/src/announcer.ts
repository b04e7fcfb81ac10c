import type { Hints } from "@doubleshot/waiting";
import type { Completions } from "./completions.ts";
import { isFinal, type Order } from "./order/order.ts";

/** Tells whoever waits for an order, here and on other instances, that it has changed. */
export class Announcer {
  readonly #completions: Completions;
  readonly #hints: Hints;

  constructor(completions: Completions, hints: Hints) {
    this.#completions = completions;
    this.#hints = hints;
  }

  /** The order is in the table like this. */
  announce(order: Order): void {
    this.#completions.seen(order);
    this.#hintAway(order);
  }

  /** The order has changed, and how it is now only the table knows. */
  announceUnread(order: Order): void {
    void this.#completions.look([order.id]);
    this.#hintAway(order);
  }

  /** An instance whose caller waits for the coffee alone is told at the end; one that follows the order, each time. */
  #hintAway(order: Order): void {
    const { id, version, replyTo, watchers = [] } = order;
    const addresses = new Set(watchers);
    if (replyTo !== undefined && isFinal(order)) addresses.add(replyTo);
    for (const address of addresses) {
      if (address !== this.#hints.address) this.#hints.send(address, { id, version });
    }
  }
}
