import { Api, applied, patience } from "@doubleshot/service-kit";
import type { Admission } from "../admission.ts";
import { isFinal } from "../order/order.ts";
import { orderJson, orderRequestJson, toOrderJson } from "../order/order-json.ts";
import type { PlaceAndWait } from "../place-order/place-and-wait.ts";
import { orderPath } from "./order-problem-members.ts";
import { placingProblems, refusal } from "./order-problems.ts";
import { askHeaders, readAsk } from "./place-order-input.ts";
import { limitProblems, type RateLimitFields, rateLimitHeaders } from "./rate-limit-fields.ts";
import { turnAway } from "./turn-away.ts";

export interface CounterOptions {
  readonly placeAndWait: PlaceAndWait;
  readonly admission: Admission;
  readonly rateLimit: RateLimitFields;
}

/**
 * The counter: `POST /order/` with a JSON body, any other or none, and the answer is the finished order, however long it takes. 200 or
 * nothing; 503 only while the process stops or has no room. Who prefers not to wait that long is told where to look.
 */
export function counterApi({ placeAndWait, admission, rateLimit }: CounterOptions): Api {
  const api = new Api("counter");
  // For all that come after, too: the posts to /orders.
  api.router.use(turnAway(admission, rateLimit));

  api.handle(
    {
      id: "orderAndWait",
      method: "post",
      path: "/order",
      summary: "Order, and wait for it",
      description:
        "One americano, unless a JSON body says otherwise; any other body is ignored. The connection stays open until " +
        "the order is ready, however long that takes. Send an `Idempotency-Key` and repeat the request when the " +
        "connection breaks: you are put back to your order.",
      headers: askHeaders,
      body: { schema: orderRequestJson, others: "ignored" },
      answers: {
        200: { description: "The completed order.", schema: orderJson, headers: rateLimitHeaders },
        202: {
          description: "With `Prefer: wait=N` or `respond-async`: the order goes on, at `Location`.",
          schema: orderJson,
          headers: {
            ...rateLimitHeaders,
            Location: "Where the order is.",
            "Preference-Applied": "What was preferred.",
          },
        },
      },
      problems: {
        409: "The order has been cancelled.",
        ...placingProblems,
        ...limitProblems,
      },
    },
    async (asked, response) => {
      const ask = readAsk(asked, response);
      const wait = patience(asked.headers.prefer);
      const result = await placeAndWait.serve(ask, wait.within);
      response.set({ ...rateLimit(ask.caller), ...applied(wait) });
      if (result.outcome !== "served" && result.outcome !== "timed-out") throw refusal(result);
      const { order } = result;
      if (order.status === "CANCELLED") throw refusal({ outcome: "cancelled", orderId: order.id });
      if (!isFinal(order)) response.status(202).location(orderPath(order.id));
      response.json(toOrderJson(order));
    },
  );

  return api;
}
