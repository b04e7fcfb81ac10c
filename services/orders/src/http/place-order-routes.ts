import type { Api } from "@doubleshot/service-kit";
import { applied, appliedHeader, patience } from "@doubleshot/service-kit";
import { isFinal, type Order } from "../order/order.ts";
import { orderJson, orderRequestJson, toOrderJson } from "../order/order-json.ts";
import type { OrderStore } from "../order/order-store.ts";
import type { PlaceAndWait } from "../place-order/place-and-wait.ts";
import type { PlaceOrder } from "../place-order/place-order.ts";
import type { Placed } from "../place-order/place-order-request.ts";
import { orderPath } from "./order-problem-members.ts";
import { placingProblems, refusal } from "./order-problems.ts";
import { askHeaders, readAsk } from "./place-order-input.ts";
import { limitProblems, type RateLimitFields, rateLimitHeaders } from "./rate-limit-fields.ts";
import { locationHeader } from "./wait-for-order.ts";

export interface PlacingParts {
  readonly placeOrder: PlaceOrder;
  readonly placeAndWait: PlaceAndWait;
  readonly store: OrderStore;
  readonly rateLimit: RateLimitFields;
}

const placeOrderOperation = {
  id: "placeOrder",
  method: "post",
  path: "/orders",
  summary: "Order, and look later",
  headers: askHeaders,
  body: { schema: orderRequestJson, others: "refused" },
  answers: {
    200: { description: "With `Prefer: wait=N`: the order is final.", schema: orderJson, headers: appliedHeader },
    201: {
      description: "The order is placed.",
      schema: orderJson,
      headers: { ...rateLimitHeaders, ...locationHeader },
    },
    202: {
      description: "With `Prefer: respond-async` or `wait=N`: the order is placed, and not final yet.",
      schema: orderJson,
      headers: { ...locationHeader, ...appliedHeader },
    },
  },
  problems: { ...placingProblems, ...limitProblems },
} as const;

export function placing(api: Api, { placeOrder, placeAndWait, store, rateLimit }: PlacingParts): void {
  api.handle(placeOrderOperation, async (asked, response) => {
    const ask = readAsk(asked, response);
    const wait = patience(asked.headers.prefer);
    if (wait.within === undefined) {
      const placed = await placeOrder.place(ask);
      response.set(rateLimit(ask.caller));
      const order = await orderOf(placed, store);
      response.status(201).location(orderPath(order.id)).json(toOrderJson(order));
      return;
    }
    const result = await placeAndWait.serve(ask, wait.within);
    response.set({ ...rateLimit(ask.caller), ...applied(wait) });
    if (result.outcome !== "served" && result.outcome !== "timed-out") throw refusal(result);
    const { order } = result;
    response
      .status(isFinal(order) ? 200 : 202)
      .location(orderPath(order.id))
      .json(toOrderJson(order));
  });
}

/** The order just placed; or, under a key that has placed one before, that order as it is now. */
async function orderOf(placed: Placed, store: OrderStore): Promise<Order> {
  if (placed.outcome === "placed") return placed.order;
  if (placed.outcome !== "placed-before") throw refusal(placed);
  const order = await store.get(placed.orderId);
  // The key was bound in the commit that placed it.
  if (order === undefined) throw refusal({ outcome: "removed", orderId: placed.orderId });
  return order;
}
