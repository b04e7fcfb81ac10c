import { useEffect, useState } from "preact/hooks";
import { customerSession } from "../account/use-account.ts";
import { newKey } from "../shared/shop-api.ts";
import { texts } from "../shared/texts.ts";
import type { Order, OrderRequest } from "./order-api.ts";
import type { Decision } from "./send-until-decided.ts";
import {
  isFresh,
  keepPending,
  noteRefusal,
  oldestPending,
  orderToResume,
  type PastOrder,
  type PendingOrder,
  pastOrders,
  rememberOrder,
  settlePending,
} from "./stored-orders.ts";

/**
 * - form         the customer chooses; `refused` says why the shop did not take the order `before`
 * - sending      the order is sent, again and again under one key, until the shop takes or refuses it, or it is too old
 * - unconfirmed  the order is too old to be sent without a question
 * - order        the page shows an order of the shop
 */
type View =
  | { readonly at: "form"; readonly refused?: string; readonly before?: OrderRequest }
  | { readonly at: "sending" | "unconfirmed"; readonly pending: PendingOrder }
  | { readonly at: "order"; readonly id: string };

export interface Ordering {
  readonly view: View;
  readonly past: readonly PastOrder[];
  /** Whether the browser keeps what the page writes. */
  readonly isKept: boolean;
  readonly actions: {
    order(request: OrderRequest): void;
    /** Sends the unconfirmed order, under its key. */
    sendAgain(): void;
    decided(decision: Decision): void;
    changed(order: Order): void;
    /** The shop does not show the order, and answered with the status. */
    notShown(id: string, status: number): void;
    /** Leaves the order of this view, and forgets it if it is pending. */
    another(): void;
    open(id: string): void;
    forget(): void;
  };
}

/** Where a customer who opens the page goes on: the order in the address, one without an answer, or one that is open. */
function firstView(): View {
  const requestedId = new URLSearchParams(location.search).get("order");
  if (requestedId !== null) return { at: "order", id: requestedId };
  const latest = orderToResume();
  return pendingView() ?? (latest === undefined ? { at: "form" } : { at: "order", id: latest.id });
}

/** Undefined if no order waits for its answer. One of another tab may be sent from here, too: its key makes it one order. */
function pendingView(): View | undefined {
  const pending = oldestPending();
  return pending && { at: isFresh(pending) ? "sending" : "unconfirmed", pending };
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
  const readPast = () => setPast(pastOrders.read());
  useAddress(view);
  useStorageOfOtherTabs(readPast);

  const show = (next: View) => {
    setView(next);
    window.scrollTo(0, 0);
  };
  const changed = (order: Order) => {
    setIsKept(rememberOrder(order));
    readPast();
  };
  const send = (pending: PendingOrder) => {
    setIsKept(keepPending(pending));
    show({ at: "sending", pending });
  };
  const settle = () => {
    if ("pending" in view) settlePending(view.pending.key);
  };
  const decided = (pending: PendingOrder, decision: Decision) => {
    if (decision.outcome === "too-old") return show({ at: "unconfirmed", pending });
    settle();
    if (decision.outcome === "refused") return show({ at: "form", refused: decision.reason, before: pending.request });
    changed(decision.order);
    show({ at: "order", id: decision.order.id });
  };
  const actions: Ordering["actions"] = {
    changed,
    notShown: (id, status) => {
      noteRefusal(id, status);
      readPast();
    },
    order: (request) => send(pendingOf(request)),
    sendAgain: () => "pending" in view && send({ ...view.pending, at: Date.now() }),
    decided: (decision) => "pending" in view && decided(view.pending, decision),
    another: () => {
      settle();
      show(pendingView() ?? { at: "form" });
    },
    open: (id) => show({ at: "order", id }),
    forget: () => {
      pastOrders.write([]);
      setPast([]);
    },
  };
  return { view, past, isKept, actions };
}

/** Shows the order's id in the address, so that a reload shows the same order. */
function useAddress(view: View): void {
  useEffect(() => {
    const query = view.at === "order" ? `?order=${encodeURIComponent(view.id)}` : "";
    history.replaceState(null, "", `${location.pathname}${query}`);
    if (view.at !== "order") document.title = texts.shop;
  }, [view]);
}

function useStorageOfOtherTabs(onChange: () => void): void {
  useEffect(() => {
    window.addEventListener("storage", onChange);
    return () => window.removeEventListener("storage", onChange);
  }, []);
}
