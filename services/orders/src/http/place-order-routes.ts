import { type Api, preferenceApplied, preferenceAppliedHeader } from "@doubleshot/service-kit";
import { isFinal, type Order } from "../order/order.ts";
import { orderJson, orderRequestJson, toOrderJson } from "../order/order-json.ts";
import type { OrderStore } from "../order/order-store.ts";
import type { PlaceAndWait } from "../place-order/place-and-wait.ts";
import type { PlaceOrder } from "../place-order/place-order.ts";
import type { Placed } from "../place-order/place-order-request.ts";
import { orderPath } from "./order-problem-members.ts";
import { noCoffee, orderAfterWait, orderProblem, placeOrderProblems } from "./order-problems.ts";
import { placeOrderHeaders, readPlaceOrderRequest, readWaitPreference } from "./place-order-input.ts";
import { type CallerRateLimit, rateLimitHeaderFields } from "./rate-limit.ts";
import { locationHeader } from "./wait-for-order.ts";

export interface PlaceOrderParts {
  readonly placeOrder: PlaceOrder;
  readonly placeAndWait: PlaceAndWait;
  readonly store: OrderStore;
  readonly rateLimit: CallerRateLimit;
}

const placeOrderOperation = {
  id: "placeOrder",
  method: "post",
  path: "/orders",
  summary: "Order, and look later",
  access: { guest: "own", customer: "own" },
  headers: placeOrderHeaders,
  body: { schema: orderRequestJson, others: "refused" },
  answers: {
    200: {
      description: "With `Prefer: wait=N`: the order is completed.",
      schema: orderJson,
      headers: preferenceAppliedHeader,
    },
    201: {
      description: "The order is placed.",
      schema: orderJson,
      headers: { ...rateLimitHeaderFields, ...locationHeader },
    },
    202: {
      description: "With `Prefer: respond-async` or `wait=N`: the order is placed, and not final yet.",
      schema: orderJson,
      headers: { ...locationHeader, ...preferenceAppliedHeader },
    },
  },
  problems: { 409: `With \`Prefer: wait=N\`: ${noCoffee}`, ...placeOrderProblems },
} as const;

export function addPlaceOrderRoute(api: Api, { placeOrder, placeAndWait, store, rateLimit }: PlaceOrderParts): void {
  api.handle(placeOrderOperation, async (parsed, response) => {
    const request = readPlaceOrderRequest(parsed, response);
    const preference = readWaitPreference(parsed.headers.prefer);
    if (preference.waitMs === undefined) {
      const placed = await placeOrder.place(request);
      response.set(rateLimit(request.caller));
      const order = await orderOf(placed, store);
      response.status(201).location(orderPath(order.id)).json(toOrderJson(order));
      return;
    }
    const result = await placeAndWait.serve(request, preference.waitMs);
    response.set({ ...rateLimit(request.caller), ...preferenceApplied(preference) });
    const order = orderAfterWait(result);
    response
      .status(isFinal(order) ? 200 : 202)
      .location(orderPath(order.id))
      .json(toOrderJson(order));
  });
}

/** Returns the order that was just placed. Under a key that has placed one before, returns that order as it is now. */
async function orderOf(placed: Placed, store: OrderStore): Promise<Order> {
  if (placed.outcome === "placed") return placed.order;
  if (placed.outcome !== "placed-before") throw orderProblem(placed);
  const order = await store.get(placed.orderId);
  // The key was bound in the commit that placed it.
  if (order === undefined) throw orderProblem({ outcome: "removed", orderId: placed.orderId });
  return order;
}
