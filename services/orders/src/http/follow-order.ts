import type { Response } from "express";
import { isFinal, type Order } from "../order.ts";
import { toOrderJson } from "../order-json.ts";
import type { WatchOrder } from "../watch-order.ts";
import { orderTag } from "./order-tag.ts";

export interface Following {
  readonly watchOrder: WatchOrder;
  readonly response: Response;
  /** The `id` of the event that the caller has seen last. */
  readonly lastSeen: string | undefined;
  readonly gone: AbortSignal;
}

/** Milliseconds between signs of life: proxies close what is silent, most of them after a minute. */
const heartbeat = 15_000;

/** Milliseconds after which a browser connects again when the stream breaks, for instance because we restart. */
const reconnectAfter = 1_000;

/**
 * Streams the order as it is, and again whenever it changes, until it is final. Each event holds the whole order, so
 * that one who missed some has missed nothing. Ends early when the process drains: the caller connects again elsewhere.
 */
export async function followOrder(order: Order, { watchOrder, response, lastSeen, gone }: Following): Promise<void> {
  response.status(200).set({ "Cache-Control": "no-store", "X-Accel-Buffering": "no" }).type("text/event-stream");
  response.write(`retry: ${reconnectAfter}\n\n`);
  const alive = setInterval(() => response.write(": still here\n\n"), heartbeat);
  try {
    let current = order;
    let tag = lastSeen;
    for (;;) {
      if (orderTag(current) !== tag) {
        tag = orderTag(current);
        response.write(`id: ${tag}\nevent: order\ndata: ${JSON.stringify(toOrderJson(current))}\n\n`);
      }
      if (isFinal(current)) break;
      const { version } = current;
      const next = await watchOrder.watch({ orderId: current.id, until: (seen) => seen.version > version, gone });
      if (next.outcome !== "seen") break;
      current = next.order;
    }
  } finally {
    clearInterval(alive);
    response.end();
  }
}
