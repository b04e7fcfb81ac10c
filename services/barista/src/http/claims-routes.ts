import { Api, callerOf, goneSignal, Problem } from "@doubleshot/service-kit";
import { z } from "zod";
import type { ExtendClaim } from "../claims/extend-claim.ts";
import type { ReleaseClaim } from "../claims/release-claim.ts";
import type { TakeClaim } from "../claims/take-claim.ts";
import type { FinishTicket } from "../ticket/finish-ticket.ts";
import { claimedTicket, claimedTicketJson, finishedTicket, finishedTicketJson } from "../ticket/ticket-json.ts";
import {
  claimOver,
  finishedOrProblem,
  finishProblems,
  orderIdInput,
  resultBody,
  resultLevels,
  unknownOrder,
} from "./bar-problems.ts";
import { concernsOrder } from "./order-problem-members.ts";
import { turnedAway, turnedAwayProblems } from "./turned-away.ts";
import { waitApplied, waitHeaders, waitingTime, waitQuery } from "./wait-input.ts";

/** Two baristas who chose the same token would share a claim: it must be too long to be anybody's "1". */
const claimToken = z
  .string()
  .regex(/^[\x21-\x7e]{16,128}$/, "it must be 16 to 128 visible ASCII characters; a new UUID is best")
  .meta({
    description: "Chosen by the barista, new for each claim: a UUID, for instance. It is all that a claim is held by.",
    examples: ["6f0a3c3e-0d5a-4f6e-9a53-1f5f8f1d2c4b"],
  });

const leaseSeconds = z
  .int()
  .min(1)
  .max(12 * 60 * 60)
  .default(30)
  .describe("How long the order is this barista's without a sign of life.");

const params = z.object({ order_id: orderIdInput });

const takeClaim = {
  id: "takeClaim",
  method: "post",
  path: "/claims",
  summary: "Claim the next order",
  description:
    "The same token gives the same claim, so ask again when the answer got lost. Give a sign of life well before the lease ends.",
  query: z.object(waitQuery),
  headers: waitHeaders,
  body: { schema: z.strictObject({ claim_token: claimToken, lease_seconds: leaseSeconds }), others: "refused" },
  answers: {
    200: {
      description: "The order to brew.",
      schema: claimedTicketJson,
      headers: waitApplied,
    },
    204: { description: "Nothing waits. The token is still good.", headers: waitApplied },
  },
  problems: { 409: "The token has had its claim, which is over: choose a new one.", ...turnedAwayProblems },
} as const;

const finishClaim = {
  id: "finishClaim",
  method: "post",
  path: "/claims/{order_id}/finish",
  summary: "The order is ready",
  description: "Safe to repeat. Late is fine, too: after the end of the lease, unless the order was claimed anew.",
  params,
  body: {
    schema: z.strictObject({ claim_token: claimToken, ...resultBody }),
    others: "refused",
    maxLevels: resultLevels,
    exact: true,
  },
  answers: { 200: { description: "The finished order.", schema: finishedTicketJson } },
  problems: finishProblems,
} as const;

const extendClaim = {
  id: "extendClaim",
  method: "post",
  path: "/claims/{order_id}/heartbeat",
  summary: "A sign of life",
  description: "The lease runs anew from now; also one that has ended, unless the order was claimed anew since.",
  params,
  body: { schema: z.strictObject({ claim_token: claimToken, lease_seconds: leaseSeconds }), others: "refused" },
  answers: { 200: { description: "The claim, with its new end.", schema: claimedTicketJson } },
  problems: {
    404: "The bar knows no such order.",
    409: "The claim is over: the order was claimed anew, finished or cancelled. Stop brewing.",
  },
} as const;

const releaseClaim = {
  id: "releaseClaim",
  method: "post",
  path: "/claims/{order_id}/release",
  summary: "Give the order back",
  description: "It is in line again at its old place, for the next barista. Safe to repeat.",
  params,
  body: { schema: z.strictObject({ claim_token: claimToken }), others: "refused" },
  answers: { 204: { description: "This claim does not hold the order, or not any more." } },
  problems: { 404: "The bar knows no such order." },
} as const;

export interface ClaimUseCases {
  readonly takes: TakeClaim;
  readonly finishes: FinishTicket;
  readonly extends: ExtendClaim;
  readonly releases: ReleaseClaim;
}

/** The bar for programs: claims under a token of their own choice, kept alive by signs of life. */
export function claimsApi(useCases: ClaimUseCases): Api {
  const api = new Api("claims");
  api.router.param("order_id", (_request, response, next, text: string) => {
    concernsOrder(response, text);
    next();
  });

  api.handle(takeClaim, async ({ query, headers, body, request }, response) => {
    const taken = await useCases.takes.take({
      token: body.claim_token,
      leaseSeconds: body.lease_seconds,
      caller: callerOf(request).id,
      waitMs: waitingTime({ query, headers }, response),
      gone: goneSignal(response),
    });
    response.set("Cache-Control", "no-store");
    if (taken.outcome === "turned-away") throw turnedAway(taken);
    if (taken.outcome === "over") {
      concernsOrder(response, taken.orderId);
      throw new Problem(409, "This claim_token has had its claim, which is over. Choose a new token for a new claim.");
    }
    if (taken.outcome === "nothing") response.status(204).end();
    else response.json(claimedTicket(taken.ticket));
  });

  api.handle(finishClaim, async ({ params: { order_id: orderId }, body }, response) => {
    const { claim_token: token, result } = body;
    const told = result === undefined ? {} : { result };
    const finished = await useCases.finishes.finish({ orderId, token, ...told });
    response.json(finishedTicket(finishedOrProblem(finished, orderId)));
  });

  api.handle(extendClaim, async ({ params: { order_id: orderId }, body }, response) => {
    const extended = await useCases.extends.extend({
      orderId,
      token: body.claim_token,
      leaseSeconds: body.lease_seconds,
    });
    if (extended.outcome !== "extended") throw extended.outcome === "unknown" ? unknownOrder(orderId) : claimOver();
    response.set("Cache-Control", "no-store").json(claimedTicket(extended.state));
  });

  api.handle(releaseClaim, async ({ params: { order_id: orderId }, body }, response) => {
    const released = await useCases.releases.release({ orderId, token: body.claim_token });
    if (released === "unknown") throw unknownOrder(orderId);
    response.status(204).end();
  });

  return api;
}
