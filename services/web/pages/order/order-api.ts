import { type Connection, readEvents } from "../shared/events/event-stream.ts";
import type { Item } from "../shared/order-words.ts";
import { type Answer, call, type Failure } from "../shared/shop-api.ts";
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

interface PlaceOptions {
  readonly key: string;
  readonly isAnonymous: boolean;
  readonly signal: AbortSignal;
}

/** Repeated under the same key by the same customer, the request places one order. */
export function placeOrder(request: OrderRequest, { key, ...options }: PlaceOptions): Promise<Answer<Order>> {
  return call("POST", "/orders", { body: request, headers: { "idempotency-key": key }, ...options });
}

/**
 * Waits up to 5 s for the decision, and otherwise returns the order undecided (202). The bar decides; for a PENDING order, the
 * credit answer must come first.
 */
export function cancelOrder(id: string): Promise<Answer<Order>> {
  return call("POST", `${pathOf(id)}/cancel`, { headers: { prefer: "wait=5" } });
}

export interface Following {
  readonly onOrder: (order: Order) => void;
  readonly onConnection: (connection: Connection) => void;
  /** Whether the stream stays open while the page is hidden, for a notification or a sound. */
  readonly staysOpenHidden: () => boolean;
  readonly signal: AbortSignal;
}

/** A hidden page closes its stream, so it reads the order this often to keep its tab title right. */
const hiddenPollMs = 30_000;

/**
 * Follows an order until it is final, through every lost connection.
 *
 * @returns the refusal, if the shop does not know the order or does not show it to this caller
 */
export async function followOrder(id: string, options: Following): Promise<Failure | undefined> {
  const { onOrder, staysOpenHidden } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  let timesShown = 0;
  const show = (order: Order) => {
    timesShown += 1;
    onOrder(order);
    if (isFinal(order)) over.abort();
  };
  const isPolled = () => document.hidden && !staysOpenHidden() && !signal.aborted;
  const poll = async () => {
    if (!isPolled()) return;
    const timesBefore = timesShown;
    const answer = await call<Order>("GET", pathOf(id), { signal });
    // The page may have been visible meanwhile: an order that its stream has shown since is ahead of this answer.
    if (answer.ok && answer.body && isPolled() && timesShown === timesBefore) show(answer.body);
  };
  const polling = setInterval(() => void poll().catch(() => undefined), hiddenPollMs);
  try {
    return await readEvents({
      path: `${pathOf(id)}/events`,
      on: { order: (order) => show(order as Order) },
      onConnection: (connection) => signal.aborted || options.onConnection(connection),
      staysOpenHidden,
      signal,
    });
  } finally {
    clearInterval(polling);
  }
}

const pathOf = (id: string) => `/orders/${encodeURIComponent(id)}`;
