import { Api, callerOf, goneSignal, ProblemError } from "@doubleshot/service-kit";
import { z } from "zod";
import type { ClaimWithToken } from "../claims/claim-with-token.ts";
import type { ExtendClaim } from "../claims/extend-claim.ts";
import type { ReleaseClaim } from "../claims/release-claim.ts";
import type { FinishTicket } from "../ticket/finish-ticket.ts";
import { claimedTicket, claimedTicketJson, finishedTicket, finishedTicketJson } from "../ticket/ticket-json.ts";
import {
  claimOver,
  finishedOrProblem,
  finishProblems,
  noPlace,
  noPlaceProblems,
  unknownOrder,
} from "./bar-problems.ts";
import { resultBody, resultLevels } from "./finish-input.ts";
import { orderIdInput, orderSubject } from "./order-problem-members.ts";
import { readWaitMs, waitApplied, waitHeaders, waitQuery } from "./wait-input.ts";

/** Two baristas that choose the same token share a claim, so a token is long. */
const claimToken = z
  .string()
  .regex(/^[\x21-\x7e]{16,128}$/, "it must be 16 to 128 visible ASCII characters; a new UUID is best")
  .meta({
    description: "Chosen by the barista, new for each claim: a UUID, for instance. The token alone holds the claim.",
    examples: ["6f0a3c3e-0d5a-4f6e-9a53-1f5f8f1d2c4b"],
  });

const leaseSeconds = z
  .int()
  .min(1)
  .max(12 * 60 * 60)
  .default(30)
  .describe("Seconds until the lease ends without a heartbeat.");

const params = z.object({ order_id: orderIdInput });

const takeClaim = {
  id: "takeClaim",
  method: "post",
  path: "/claims",
  summary: "Claim the next order",
  access: { barista: "all" },
  description:
    "The same token returns the same claim, so repeat the request if the answer is lost. Send a heartbeat well before the lease ends.",
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
  problems: { 409: "The claim of this token is over: choose a new token.", ...noPlaceProblems },
} as const;

const finishClaim = {
  id: "finishClaim",
  method: "post",
  path: "/claims/{order_id}/finish",
  summary: "The order is ready",
  access: { barista: "all" },
  description:
    "Safe to repeat. A finish after the end of the lease counts, unless another barista has claimed the order since.",
  params,
  body: {
    schema: z.strictObject({ claim_token: claimToken, ...resultBody }),
    others: "refused",
    maxLevels: resultLevels,
  },
  answers: { 200: { description: "The finished order.", schema: finishedTicketJson } },
  problems: finishProblems,
} as const;

const extendClaim = {
  id: "extendClaim",
  method: "post",
  path: "/claims/{order_id}/heartbeat",
  summary: "A heartbeat",
  access: { barista: "all" },
  description:
    "The lease starts again from now, also if it has ended, unless another barista has claimed the order since.",
  params,
  body: { schema: z.strictObject({ claim_token: claimToken, lease_seconds: leaseSeconds }), others: "refused" },
  answers: { 200: { description: "The claim, with its new end.", schema: claimedTicketJson } },
  problems: {
    404: "The bar knows no such order.",
    409: "The claim is over: another barista has claimed the order, or it was finished or cancelled. Stop brewing.",
  },
} as const;

const releaseClaim = {
  id: "releaseClaim",
  method: "post",
  path: "/claims/{order_id}/release",
  summary: "Give the order back",
  access: { barista: "all" },
  description: "It is in line again at its old place, for the next barista. Safe to repeat.",
  params,
  body: { schema: z.strictObject({ claim_token: claimToken }), others: "refused" },
  answers: { 204: { description: "This claim no longer holds the order, or never did." } },
  problems: { 404: "The bar knows no such order." },
} as const;

export interface ClaimUseCases {
  readonly takes: ClaimWithToken;
  readonly finishes: FinishTicket;
  readonly extends: ExtendClaim;
  readonly releases: ReleaseClaim;
}

/** The bar for programs: claims under a token of their own choice, kept alive by heartbeats. */
export function claimsApi(useCases: ClaimUseCases): Api {
  const api = new Api("claims");
  orderSubject.setFromPath(api.router, "order_id");

  api.handle(takeClaim, async ({ query, headers, body, request }, response) => {
    const taken = await useCases.takes.take({
      token: body.claim_token,
      leaseSeconds: body.lease_seconds,
      caller: callerOf(request).id,
      waitMs: readWaitMs({ query, headers }, response),
      gone: goneSignal(response),
      onOrder: (orderId) => orderSubject.set(response, orderId),
    });
    response.set("Cache-Control", "no-store");
    if (taken.outcome === "turned-away") throw noPlace(taken);
    if (taken.outcome === "over") {
      throw new ProblemError(409, "The claim of this claim_token is over. Choose a new token for a new claim.");
    }
    if (taken.outcome === "nothing") response.status(204).end();
    else response.json(claimedTicket(taken.ticket));
  });

  api.handle(finishClaim, async ({ params: { order_id: orderId }, body }, response) => {
    const { claim_token: token, result } = body;
    const finished = await useCases.finishes.finish({ orderId, token, ...(result === undefined ? {} : { result }) });
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
