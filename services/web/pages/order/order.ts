import { type Connection, readEvents } from "../shared/event-stream.ts";
import type { Item } from "../shared/order-words.ts";
import { type Answer, call, type Failure, failureOf, pause } from "../shared/shop-api.ts";
import type { texts } from "../shared/texts.ts";

/** The part of an order that the page shows. */
export interface Order {
  readonly id: string;
  readonly status: keyof typeof texts.status.headings;
  readonly items: readonly Item[];
  readonly name?: string;
  readonly order_total?: number;
  readonly created_at?: string;
  readonly placed_at?: string;
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly result?: unknown;
}

export interface OrderRequest {
  readonly items: readonly Item[];
  readonly name?: string;
  readonly customer_id?: string;
}

export function isFinal({ status }: Pick<Order, "status">): boolean {
  return status === "COMPLETED" || status === "CANCELLED" || status === "REJECTED";
}

/** The barista's note to the customer: a result of any other shape is not for this page. */
export function noteOf({ result }: Order): string | undefined {
  const note = typeof result === "object" && result !== null && "note" in result ? result.note : undefined;
  return typeof note === "string" && note.trim() !== "" ? note : undefined;
}

interface Placing {
  readonly key: string;
  readonly isAnonymous: boolean;
  readonly signal: AbortSignal;
}

/** Repeated under the same key by the same customer, the request places one order. */
export function placeOrder(request: OrderRequest, { key, ...options }: Placing): Promise<Answer<Order>> {
  return call("POST", "/orders", { body: request, headers: { "idempotency-key": key }, ...options });
}

/** Returns the order when the bar has decided, or after 5 s as it is. */
export function cancelOrder(id: string): Promise<Answer<Order>> {
  return call("POST", `${pathOf(id)}/cancel`, { headers: { prefer: "wait=5" } });
}

export interface Following {
  readonly onOrder: (order: Order) => void;
  readonly onConnection: (connection: Connection) => void;
  readonly signal: AbortSignal;
}

/**
 * Follows an order until it is final, through every lost connection.
 *
 * @returns the refusal, if the shop does not know the order or does not show it to this caller
 */
export async function followOrder(
  id: string,
  { onOrder, onConnection, signal }: Following,
): Promise<Failure | undefined> {
  const over = new AbortController();
  const follow = AbortSignal.any([signal, over.signal]);
  const show = (order: Order) => {
    onOrder(order);
    if (isFinal(order)) over.abort();
  };
  while (!follow.aborted) {
    const refused = await readEvents({
      path: `${pathOf(id)}/events`,
      on: { order: (order) => show(order as Order) },
      onConnection: (connection) => follow.aborted || onConnection(connection),
      signal: follow,
    });
    if (refused === undefined || refused.ok) return undefined;
    const failure = await failureOf(refused);
    onConnection(failure.kind === "refused" ? "open" : "lost");
    if (failure.kind === "refused") return failure;
    await pause(failure.retryMs, follow);
  }
  return undefined;
}

const pathOf = (id: string) => `/orders/${encodeURIComponent(id)}`;
