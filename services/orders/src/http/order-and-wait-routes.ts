import { Api, preferenceApplied, preferenceAppliedHeader } from "@doubleshot/service-kit";
import type { Admission } from "../admission.ts";
import { isFinal } from "../order/order.ts";
import { orderJson, orderRequestJson, toOrderJson } from "../order/order-json.ts";
import type { PlaceAndWait } from "../place-order/place-and-wait.ts";
import { orderPath } from "./order-problem-members.ts";
import { noCoffee, orderAfterWait, placeOrderProblems } from "./order-problems.ts";
import { placeOrderHeaders, readPlaceOrderRequest, readWaitPreference } from "./place-order-input.ts";
import { type CallerRateLimit, rateLimitHeaderFields, refuseOverRate } from "./rate-limit.ts";

export interface OrderAndWaitOptions {
  readonly placeAndWait: PlaceAndWait;
  readonly admission: Admission;
  readonly rateLimit: CallerRateLimit;
}

/**
 * The counter: `POST /order/` with a JSON body, any other or none. The response is the finished order, however long it takes.
 * An outage of AWS does not end the wait; a 503 means that the process is stopping or full. A caller that prefers not to wait
 * gets the order's `Location`.
 */
export function orderAndWaitApi({ placeAndWait, admission, rateLimit }: OrderAndWaitOptions): Api {
  const api = new Api("counter");
  // This router is the first of the service, so the check covers the posts to /orders, too.
  api.router.use(refuseOverRate(admission, rateLimit));

  api.handle(
    {
      id: "orderAndWait",
      method: "post",
      path: "/order",
      summary: "Order, and wait for it",
      access: { guest: "own", customer: "own" },
      description:
        "One americano, unless a JSON body says otherwise; any other body is ignored. The connection stays open until " +
        "the order is ready, however long that takes. Send an `Idempotency-Key` and repeat the request when the " +
        "connection breaks: the response is your order.",
      headers: placeOrderHeaders,
      body: { schema: orderRequestJson, others: "ignored" },
      answers: {
        200: { description: "The completed order.", schema: orderJson, headers: rateLimitHeaderFields },
        202: {
          description: "With `Prefer: wait=N` or `respond-async`: the order goes on, at `Location`.",
          schema: orderJson,
          headers: {
            ...rateLimitHeaderFields,
            Location: "Where the order is.",
            ...preferenceAppliedHeader,
          },
        },
      },
      problems: {
        409: noCoffee,
        ...placeOrderProblems,
      },
    },
    async (parsed, response) => {
      const request = readPlaceOrderRequest(parsed, response);
      const preference = readWaitPreference(parsed.headers.prefer);
      const result = await placeAndWait.serve(request, preference.waitMs);
      response.set({ ...rateLimit(request.caller), ...preferenceApplied(preference) });
      const order = orderAfterWait(result);
      if (!isFinal(order)) response.status(202).location(orderPath(order.id));
      response.json(toOrderJson(order));
    },
  );

  return api;
}
