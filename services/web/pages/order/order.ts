import { type Connection, readEvents } from "../shared/event-stream.ts";
import type { Item } from "../shared/order-words.ts";
import { type Answer, call, pause } from "../shared/shop-api.ts";
import type { texts } from "../shared/texts.ts";

/** The part of an order that the page shows. */
export interface Order {
  readonly id: string;
  readonly status: keyof typeof texts.status.headings;
  readonly items: readonly Item[];
  readonly name?: string;
  readonly placed_at?: string;
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly result?: unknown;
}

export interface OrderRequest {
  readonly items: readonly Item[];
  readonly name?: string;
}

export function isFinal({ status }: Order): boolean {
  return status === "COMPLETED" || status === "CANCELLED" || status === "REJECTED";
}

/** The barista's note to the customer: a result of any other shape is not for this page. */
export function noteOf({ result }: Order): string | undefined {
  const note = typeof result === "object" && result !== null && "note" in result ? result.note : undefined;
  return typeof note === "string" && note.trim() !== "" ? note : undefined;
}

/** Repeated under the same key, the request places one order. */
export function placeOrder(request: OrderRequest, key: string, signal: AbortSignal): Promise<Answer<Order>> {
  return call("POST", "/orders", { body: request, headers: { "idempotency-key": key }, signal });
}

/** Returns the order when the bar has decided, or after 5 s as it is. */
export function cancelOrder(id: string): Promise<Answer<Order>> {
  return call("POST", `${pathOf(id)}/cancel`, { headers: { prefer: "wait=5" } });
}

export interface Following {
  readonly onOrder: (order: Order) => void;
  readonly onUnknown: () => void;
  readonly onConnection: (connection: Connection) => void;
  readonly signal: AbortSignal;
}

/**
 * Follows an order until it is final, through every lost connection. The read before each stream finds an order that is
 * unknown, which a stream cannot tell from a lost connection.
 */
export async function followOrder(id: string, { onOrder, onUnknown, onConnection, signal }: Following): Promise<void> {
  while (!signal.aborted) {
    const answer = await call<Order>("GET", pathOf(id), { signal });
    if (answer.ok && answer.body) {
      onConnection("open");
      onOrder(answer.body);
      if (isFinal(answer.body)) return;
      await readEvents({
        url: `${pathOf(id)}/events`,
        on: { order: (order) => onOrder(order as Order) },
        onConnection,
        signal,
      });
    } else if (!answer.ok && answer.kind === "refused") {
      onUnknown();
      return;
    } else {
      onConnection("lost");
    }
    await pause(answer.ok ? 1_000 : answer.retryMs, signal);
  }
}

const pathOf = (id: string) => `/orders/${encodeURIComponent(id)}`;
