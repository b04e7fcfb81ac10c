import { Api, refuseSpeculation } from "@doubleshot/service-kit";
import { z } from "zod";
import type { FinishTicket } from "../ticket/finish-ticket.ts";
import { claimedTicketJson, finishedTicket, finishedTicketJson } from "../ticket/ticket-json.ts";
import { finishedOrProblem, finishProblems, orderIdInput, resultBody, resultLevels } from "./bar-problems.ts";
import type { HandOver } from "./hand-over.ts";
import { concernsOrder } from "./order-problem-members.ts";
import { turnedAwayProblems } from "./turned-away.ts";
import { waitApplied, waitHeaders, waitingTime, waitQuery } from "./wait-input.ts";

const startOrder = {
  id: "startOrder",
  method: "get",
  path: "/start/",
  summary: "Take the next order",
  description:
    "Claims the order at the head of the line, for a barista with nothing but a browser or `curl`. Programs send `POST /start/`, which nothing prefetches. The lease is long, for nobody gives signs of life here; a caller who hangs up before the answer is out has claimed nothing.",
  query: z.object(waitQuery),
  headers: waitHeaders,
  answers: {
    200: {
      description: "The order to brew, and until when it is this barista's.",
      schema: claimedTicketJson,
      headers: waitApplied,
    },
    204: { description: "Nothing waits.", headers: waitApplied },
  },
  problems: {
    ...turnedAwayProblems,
    403: "The request comes from a prefetch, the preview of a link, a crawler or a part of a page: nothing was claimed.",
  },
} as const;

const startOrderByPost = {
  ...startOrder,
  id: "startOrderByPost",
  method: "post",
  description: "The same as `GET /start/`, with the same answers. It takes no body.",
  problems: turnedAwayProblems,
} as const;

const finishOrder = {
  id: "finishOrder",
  method: "post",
  path: "/finish/",
  summary: "An order is ready",
  description: "Safe to repeat: the first finish stands, and is answered again.",
  query: z.object({
    order_id: orderIdInput,
    claim_token: z
      .string("it must be given once")
      .min(1)
      .max(200)
      .exactOptional()
      .describe("Only if it is this claim that holds the order."),
  }),
  body: { schema: z.strictObject(resultBody), others: "refused", maxLevels: resultLevels, exact: true },
  answers: { 200: { description: "The finished order.", schema: finishedTicketJson } },
  problems: finishProblems,
} as const;

export interface BarUseCases {
  readonly finishes: FinishTicket;
  readonly handOver: HandOver;
}

/** What a barista needs: an order to brew, and somewhere to say that it is ready. */
export function barApi({ finishes, handOver }: BarUseCases): Api {
  const api = new Api("bar");

  // By HEAD, somebody would claim an order and get to see nothing of it.
  api.refuseHead("/start/");
  api.handle(startOrder, (asked, response) => {
    refuseSpeculation(asked.request, "Send POST /start/, or open the address yourself.");
    return handOver.next(response, waitingTime(asked, response));
  });
  api.handle(startOrderByPost, (asked, response) => handOver.next(response, waitingTime(asked, response)));

  api.router.use("/finish", (request, response, next) => {
    concernsOrder(response, request.query.order_id);
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
