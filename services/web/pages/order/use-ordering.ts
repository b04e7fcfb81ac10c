import { useEffect, useState } from "preact/hooks";
import { customerSession } from "../account/use-account.ts";
import { newKey } from "../shared/shop-api.ts";
import { texts } from "../shared/texts.ts";
import type { Order, OrderRequest } from "./order.ts";
import {
  isStale,
  noteRefusal,
  orderToResume,
  type PastOrder,
  type PendingOrder,
  pastOrders,
  pendingOrder,
  rememberOrder,
  settlePending,
} from "./order-memory.ts";

/**
 * - form     the customer chooses; `refused` says why the shop did not take the order `before`
 * - sending  the order is sent, again and again under one key, until the shop takes or refuses it
 * - order    the page shows an order of the shop
 */
type View =
  | { readonly at: "form"; readonly refused?: string; readonly before?: OrderRequest }
  | { readonly at: "sending"; readonly pending: PendingOrder }
  | { readonly at: "order"; readonly id: string };

export interface Ordering {
  readonly view: View;
  readonly past: readonly PastOrder[];
  /** Whether the browser keeps what the page writes. */
  readonly isKept: boolean;
  readonly actions: {
    order(request: OrderRequest): void;
    placed(order: Order): void;
    refused(detail: string): void;
    changed(order: Order): void;
    /** The shop does not show the order, and answered with the status. */
    notShown(id: string, status: number): void;
    another(): void;
    open(id: string): void;
    forget(): void;
  };
}

/** Where a customer who opens the page goes on: the order in the address, one without an answer, or one that is open. */
function firstView(): View {
  const asked = new URLSearchParams(location.search).get("order");
  if (asked !== null) return { at: "order", id: asked };
  const pending = pendingOrder.read();
  if (pending !== undefined && isStale(pending)) {
    return { at: "form", refused: texts.order.stale, before: pending.request };
  }
  if (pending !== undefined) return { at: "sending", pending };
  const latest = orderToResume();
  return latest === undefined ? { at: "form" } : { at: "order", id: latest.id };
}

/** The order under a new key, of the customer who is signed in. */
function pendingOf(request: OrderRequest): PendingOrder {
  const customerId = customerSession.current?.customerId;
  return { key: newKey(), request, at: Date.now(), ...(customerId !== undefined && { customerId }) };
}

export function useOrdering(): Ordering {
  const [view, setView] = useState(firstView);
  const [past, setPast] = useState(() => pastOrders.read());
  const [isKept, setIsKept] = useState(true);
  useEffect(() => {
    const query = view.at === "order" ? `?order=${encodeURIComponent(view.id)}` : "";
    history.replaceState(null, "", `${location.pathname}${query}`);
    if (view.at !== "order") document.title = texts.shop;
  }, [view]);
  useEffect(() => {
    // Another tab has placed an order.
    const refresh = () => setPast(pastOrders.read());
    window.addEventListener("storage", refresh);
    return () => window.removeEventListener("storage", refresh);
  }, []);

  const changed = (order: Order) => {
    setIsKept(rememberOrder(order));
    setPast(pastOrders.read());
  };
  const show = (next: View) => {
    setView(next);
    window.scrollTo(0, 0);
  };
  const settle = () => {
    if (view.at === "sending") settlePending(view.pending.key);
  };
  const actions: Ordering["actions"] = {
    changed,
    notShown: (id, status) => {
      noteRefusal(id, status);
      setPast(pastOrders.read());
    },
    order: (request) => {
      const pending = pendingOf(request);
      setIsKept(pendingOrder.write(pending));
      show({ at: "sending", pending });
    },
    placed: (order) => {
      settle();
      changed(order);
      show({ at: "order", id: order.id });
    },
    refused: (refused) => {
      const before = view.at === "sending" ? view.pending.request : undefined;
      settle();
      show({ at: "form", refused, ...(before && { before }) });
    },
    another: () => {
      settle();
      show({ at: "form" });
    },
    open: (id) => show({ at: "order", id }),
    forget: () => {
      pastOrders.write([]);
      setPast([]);
    },
  };
  return { view, past, isKept, actions };
}
