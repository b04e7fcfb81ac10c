import { EventStream, entityTag } from "@doubleshot/service-kit";
import type { Response } from "express";
import { isFinal, type Order } from "../../order/order.ts";
import { toOrderJson } from "../../order/order-json.ts";
import type { WatchOrder } from "../../watch-order/watch-order.ts";

export interface OrderStreamOptions {
  readonly watchOrder: WatchOrder;
  readonly response: Response;
  /** The `id` of the event that the caller has seen last. */
  readonly lastSeen: string | undefined;
  readonly gone: AbortSignal;
}

/**
 * Streams the order as it is, and again whenever it changes, until it is final. Each event holds the whole order, so a
 * client may miss events: while it does not read, at most one event waits for it, and the next one has the latest state.
 * Ends early when the process drains; the client connects again, to another instance.
 */
export async function streamOrder(
  order: Order,
  { watchOrder, response, lastSeen, gone }: OrderStreamOptions,
): Promise<void> {
  const stream = new EventStream(response);
  try {
    let current = order;
    let tag = lastSeen;
    for (;;) {
      const data = toOrderJson(current);
      if (entityTag(data) !== tag) {
        tag = entityTag(data);
        await stream.sendAll([{ event: "order", id: tag, data }]);
      }
      if (isFinal(current)) break;
      const { version } = current;
      const next = await watchOrder.watch({ orderId: current.id, until: (seen) => seen.version > version, gone });
      if (next.outcome !== "reached") break;
      current = next.order;
    }
  } finally {
    stream.end();
  }
}
