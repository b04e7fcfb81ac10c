import type { Api } from "@doubleshot/service-kit";
import { applied, appliedHeader, patience } from "@doubleshot/service-kit";
import { z } from "zod";
import { isFinal } from "../order/order.ts";
import { orderJson, toOrderJson } from "../order/order-json.ts";
import { isKnown, orderTag } from "./order-etag.ts";
import { preferHeader } from "./place-order-input.ts";
import { orderParams, orderWithin, pathsOfOneOrder, type WaitingParts, waitingProblems } from "./wait-for-order.ts";

export type ReadingParts = WaitingParts;

const getOrder = {
  method: "get",
  summary: "How an order is",
  description: "`Prefer: wait=N` waits up to N seconds until it is final. `If-None-Match` saves what is known already.",
  params: orderParams,
  headers: z.object({
    prefer: preferHeader,
    "if-none-match": z.string().optional().describe("The `ETag` of what is known."),
  }),
  answers: {
    200: {
      description: "The order, as of now.",
      schema: orderJson,
      headers: { ETag: "Names this state of the order.", ...appliedHeader },
    },
    304: { description: "As `If-None-Match` has it." },
  },
  problems: waitingProblems,
} as const;

export function reading(api: Api, parts: ReadingParts): void {
  for (const path of pathsOfOneOrder("getOrder")) {
    api.handle({ ...getOrder, ...path }, async ({ params, headers }, response) => {
      const wait = patience(headers.prefer);
      const watch = { orderId: params.id, until: isFinal, timeoutMs: wait.within ?? 0 };
      const order = await orderWithin(parts, watch, response);
      const tag = orderTag(order);
      response.set({ ...applied(wait), ETag: `"${tag}"`, "Cache-Control": "no-cache" });
      // Express would not, for a request that says "no-cache", as every fetch with this header does.
      if (isKnown(tag, headers["if-none-match"])) response.status(304).end();
      else response.json(toOrderJson(order));
    });
  }
}
