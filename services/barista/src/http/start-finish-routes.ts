import { Api, refuseSpeculation } from "@doubleshot/service-kit";
import { z } from "zod";
import type { FinishTicket } from "../ticket/finish-ticket.ts";
import { claimedTicketJson, finishedTicket, finishedTicketJson } from "../ticket/ticket-json.ts";
import type { AnswerWithClaim } from "./answer-with-claim.ts";
import { finishedOrProblem, finishProblems, noPlaceProblems } from "./bar-problems.ts";
import { resultBody, resultLevels } from "./finish-input.ts";
import { orderIdInput, orderSubject } from "./order-problem-members.ts";
import { readWaitMs, waitApplied, waitHeaders, waitQuery } from "./wait-input.ts";

const startOrder = {
  id: "startOrder",
  method: "get",
  path: "/start/",
  summary: "Take the next order",
  access: { barista: "all" },
  description:
    "Claims the order at the head of the line, for a barista with a browser or `curl`. Programs use `POST /claims`; `POST /start/` is the same as this route, and nothing prefetches it. The lease is long, because there are no heartbeats here; if the connection closes before the whole response is sent, the claim is released.",
  query: z.object(waitQuery),
  headers: waitHeaders,
  answers: {
    200: {
      description: "The order to brew, and the end of the lease.",
      schema: claimedTicketJson,
      headers: waitApplied,
    },
    204: { description: "Nothing waits.", headers: waitApplied },
  },
  problems: {
    ...noPlaceProblems,
    403: "The request comes from a prefetch, the preview of a link, a crawler or a part of a page: nothing was claimed.",
  },
} as const;

const startOrderByPost = {
  ...startOrder,
  id: "startOrderByPost",
  method: "post",
  description: "The same as `GET /start/`, with the same answers. It takes no body.",
  problems: noPlaceProblems,
} as const;

const finishOrder = {
  id: "finishOrder",
  method: "post",
  path: "/finish/",
  summary: "An order is ready",
  access: { barista: "all" },
  description: "Safe to repeat: the first finish stands, and is answered again.",
  query: z.object({
    order_id: orderIdInput,
    claim_token: z
      .string("it must be given once")
      .min(1)
      .max(200)
      .exactOptional()
      .describe(
        "The token of the claim. If it is given, the finish counts only if this is the latest claim of the order that was not released.",
      ),
  }),
  body: { schema: z.strictObject(resultBody), others: "refused", maxLevels: resultLevels },
  answers: { 200: { description: "The finished order.", schema: finishedTicketJson } },
  problems: finishProblems,
} as const;

export interface StartFinishUseCases {
  readonly finishes: FinishTicket;
  readonly answerWithClaim: AnswerWithClaim;
}

/** The bar for people: start an order, and finish it. */
export function startFinishApi({ finishes, answerWithClaim }: StartFinishUseCases): Api {
  const api = new Api("bar");

  // A HEAD would claim an order, and its answer would not show it.
  api.refuseHead("/start/");
  api.handle(startOrder, (parsed, response) => {
    refuseSpeculation(parsed.request, "Send POST /start/, or open the address yourself.");
    return answerWithClaim.next(response, readWaitMs(parsed, response));
  });
  api.handle(startOrderByPost, (parsed, response) => answerWithClaim.next(response, readWaitMs(parsed, response)));

  api.router.use("/finish", (request, response, next) => {
    orderSubject.set(response, request.query.order_id);
    next();
  });
  api.handle(finishOrder, async ({ query: { order_id: orderId, claim_token: token }, body: { result } }, response) => {
    const finished = await finishes.finish({
      orderId,
      ...(token === undefined ? {} : { token }),
      ...(result === undefined ? {} : { result }),
    });
    response.json(finishedTicket(finishedOrProblem(finished, orderId)));
  });

  return api;
}
