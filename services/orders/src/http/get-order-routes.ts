import {
  type Api,
  entityTag,
  matchesEntityTag,
  preferenceApplied,
  preferenceAppliedHeader,
} from "@doubleshot/service-kit";
import { z } from "zod";
import { isFinal } from "../order/order.ts";
import { orderJson, toOrderJson } from "../order/order-json.ts";
import { requireOwnOrder } from "./order-owner.ts";
import { preferHeader, readWaitPreference } from "./place-order-input.ts";
import { orderParams, pathsOfOneOrder, type WaitParts, waitForOrder, waitProblems } from "./wait-for-order.ts";

const getOrderOperation = {
  method: "get",
  summary: "Read an order",
  access: { guest: "own", customer: "own" },
  description:
    "`Prefer: wait=N` waits up to N seconds until it is final. `If-None-Match` saves a body that you have already.",
  params: orderParams,
  headers: z.object({
    prefer: preferHeader,
    "if-none-match": z.string().optional().describe("The `ETag` of the state that you have."),
  }),
  answers: {
    200: {
      description: "The order, as of now.",
      schema: orderJson,
      headers: { ETag: "Names this state of the order.", ...preferenceAppliedHeader },
    },
    304: { description: "`If-None-Match` names the current version." },
  },
  problems: waitProblems,
} as const;

export function addGetOrderRoutes(api: Api, parts: WaitParts): void {
  for (const path of pathsOfOneOrder("getOrder")) {
    api.handle({ ...getOrderOperation, ...path }, async ({ params, headers, request }, response) => {
      await requireOwnOrder(request, params.id, parts.store);
      const preference = readWaitPreference(headers.prefer);
      const watch = { orderId: params.id, until: isFinal, timeoutMs: preference.waitMs ?? 0 };
      const order = toOrderJson(await waitForOrder(parts, watch, response));
      const tag = entityTag(order);
      response.set({ ...preferenceApplied(preference), ETag: `"${tag}"`, "Cache-Control": "no-cache" });
      // Express would answer 200 to `Cache-Control: no-cache`, which `fetch` adds to each request with `If-None-Match`.
      if (matchesEntityTag(tag, headers["if-none-match"])) response.status(304).end();
      else response.json(order);
    });
  }
}
