import { EventStream } from "@doubleshot/service-kit";
import type { Response } from "express";
import type { WatchOrder } from "../follow-order/watch-order.ts";
import { isFinal, type Order } from "../order/order.ts";
import { toOrderJson } from "../order/order-json.ts";
import { orderTag } from "./order-etag.ts";

export interface Following {
  readonly watchOrder: WatchOrder;
  readonly response: Response;
  /** The `id` of the event that the caller has seen last. */
  readonly lastSeen: string | undefined;
  readonly gone: AbortSignal;
}

/**
 * Streams the order as it is, and again whenever it changes, until it is final. Each event holds the whole order, so a
 * client that missed some has missed nothing: while it takes nothing, no more than one event waits for it, and it gets
 * the latest state next. Ends early when the process drains: the caller connects again elsewhere.
 */
export async function followOrder(order: Order, { watchOrder, response, lastSeen, gone }: Following): Promise<void> {
  const stream = new EventStream(response);
  try {
    let current = order;
    let tag = lastSeen;
    for (;;) {
      if (orderTag(current) !== tag) {
        tag = orderTag(current);
        await stream.sendAll([{ event: "order", id: tag, data: toOrderJson(current) }]);
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
