import { useEffect, useState } from "preact/hooks";
import { customerSession } from "../account/use-account.ts";
import { newKey } from "../shared/shop-api.ts";
import { texts } from "../shared/texts.ts";
import type { Order, OrderRequest } from "./order-api.ts";
import type { SendOutcome } from "./sending/send-until-decided.ts";
import {
  askedAgain,
  clearPastOrders,
  isFresh,
  keepPending,
  oldestPending,
  orderToResume,
  type PastOrder,
  type PendingOrder,
  readPastOrders,
  recordNotShown,
  rememberOrder,
  replacePending,
  settlePending,
} from "./stored-orders.ts";

/**
 * - form         the customer chooses; `refused` says why the shop did not take `refusedRequest`
 * - sending      the order is sent, again and again under one key, until the shop takes or refuses it, or it is too old
 * - unconfirmed  the order is too old to be sent without a question
 * - order        the page shows an order of the shop
 */
type View =
  | { readonly screen: "form"; readonly refused?: string; readonly refusedRequest?: OrderRequest }
  | { readonly screen: "sending" | "unconfirmed"; readonly pending: PendingOrder }
  | { readonly screen: "order"; readonly id: string };

export interface OrderScreens {
  readonly view: View;
  readonly past: readonly PastOrder[];
  /** Whether the browser keeps what the page writes. */
  readonly isKept: boolean;
  readonly actions: {
    order(request: OrderRequest): void;
    /** Sends the unconfirmed order, under its key. Where that could make a second order, the page says so instead. */
    sendAgain(): void;
    /** Orders the same as the unconfirmed order, which the shop may have made. */
    orderAgain(): void;
    decided(result: SendOutcome): void;
    changed(order: Order): void;
    /** The shop does not show the order, and answered with the status. */
    notShown(id: string, status: number): void;
    /** Leaves the order of this view, and forgets it if it is pending. */
    leave(): void;
    open(id: string): void;
    clearHistory(): void;
  };
}

/** Where a customer who opens the page goes on: the order in the address, one without an answer, or one that is open. */
function firstView(): View {
  const requestedId = new URLSearchParams(location.search).get("order");
  if (requestedId !== null) return { screen: "order", id: requestedId };
  const latest = orderToResume();
  return pendingView() ?? (latest === undefined ? { screen: "form" } : { screen: "order", id: latest.id });
}

/** Undefined if no order waits for its answer. One of another tab may be sent from here, too: its key makes it one order. */
function pendingView(): View | undefined {
  const pending = oldestPending();
  return pending && { screen: isFresh(pending) ? "sending" : "unconfirmed", pending };
}

/** The order under a new key, of the customer who is signed in. */
function pendingOf(request: OrderRequest): PendingOrder {
  const customerId = customerSession.current?.customerId;
  const now = Date.now();
  return { key: newKey(), request, sentAtMs: now, firstSentAtMs: now, ...(customerId !== undefined && { customerId }) };
}

export function useOrderScreens(): OrderScreens {
  const [view, setView] = useState(firstView);
  const [past, setPast] = useState(readPastOrders);
  const [isKept, setIsKept] = useState(true);
  const readPast = () => setPast(readPastOrders());
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
    show({ screen: "sending", pending });
  };
  const sendAgain = (pending: PendingOrder) => {
    const again = askedAgain(pending);
    return again === undefined ? show({ screen: "unconfirmed", pending }) : send(again);
  };
  const settle = () => {
    if ("pending" in view) settlePending(view.pending.key);
  };
  const decided = (pending: PendingOrder, result: SendOutcome) => {
    if (result.outcome === "too-old") return show({ screen: "unconfirmed", pending });
    settle();
    if (result.outcome === "refused") {
      return show({ screen: "form", refused: result.reason, refusedRequest: pending.request });
    }
    changed(result.order);
    show({ screen: "order", id: result.order.id });
  };
  const actions: OrderScreens["actions"] = {
    changed,
    notShown: (id, status) => {
      recordNotShown(id, status);
      readPast();
    },
    order: (request) => send(pendingOf(request)),
    sendAgain: () => "pending" in view && sendAgain(view.pending),
    orderAgain: () => "pending" in view && send(replacePending(view.pending)),
    decided: (result) => "pending" in view && decided(view.pending, result),
    leave: () => {
      settle();
      show(pendingView() ?? { screen: "form" });
    },
    open: (id) => show({ screen: "order", id }),
    clearHistory: () => {
      clearPastOrders();
      setPast([]);
    },
  };
  return { view, past, isKept, actions };
}

/** Shows the order's id in the address, so that a reload shows the same order. */
function useAddress(view: View): void {
  useEffect(() => {
    const query = view.screen === "order" ? `?order=${encodeURIComponent(view.id)}` : "";
    history.replaceState(null, "", `${location.pathname}${query}`);
    if (view.screen !== "order") document.title = texts.shop;
  }, [view]);
}

function useStorageOfOtherTabs(onChange: () => void): void {
  useEffect(() => {
    window.addEventListener("storage", onChange);
    return () => window.removeEventListener("storage", onChange);
  }, []);
}
