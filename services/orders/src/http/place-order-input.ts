import {
  callerOf,
  goneSignal,
  idempotencyKeyHeader,
  idempotencyKeyOf,
  requireOwner,
  type WaitPreference,
  waitPreference,
} from "@doubleshot/service-kit";
import type { Request, Response } from "express";
import { z } from "zod";
import { type orderRequestJson, toOrderRequest } from "../order/order-json.ts";
import type { PlaceOrderRequest } from "../place-order/place-order-request.ts";
import { orderSubject } from "./order-problem-members.ts";

/** A caller that wants to wait longer repeats the request. */
const maxWaitSeconds = 600;

export const preferHeader = z
  .string()
  .optional()
  .describe(`\`wait=N\`: wait up to N seconds (at most ${maxWaitSeconds}); \`respond-async\`: do not wait.`);

export function readWaitPreference(prefer: string | undefined): WaitPreference {
  return waitPreference(prefer, { maxSeconds: maxWaitSeconds, respondAsync: true });
}

export const placeOrderHeaders = z.object({
  "idempotency-key": idempotencyKeyHeader.describe(
    "All requests under one key are one order, for 24 hours: up to 255 visible ASCII characters. The same key with another caller's token, or from another address without one, is another key. A random UUID (version 4 or 7) without a token is one key from all addresses: all who know it get the order, so keep it secret, like the order's id.",
  ),
  prefer: preferHeader,
});

interface ParsedPost {
  readonly request: Request;
  readonly headers: z.output<typeof placeOrderHeaders>;
  readonly body: z.output<typeof orderRequestJson>;
}

/**
 * Reads `POST /order` and `POST /orders`.
 * @throws ProblemError 400 for a key as `idempotencyKeyOf`; 401, 403 for an order on another's account
 */
export function readPlaceOrderRequest({ request, headers, body }: ParsedPost, response: Response): PlaceOrderRequest {
  const order = toOrderRequest(body);
  // Before the key, under which another customer's order may have been placed.
  requireOwner(request, order.customerId);
  const key = idempotencyKeyOf(request, headers["idempotency-key"]);
  return {
    request: order,
    caller: callerOf(request).id,
    ...(key && { key }),
    gone: goneSignal(response),
    onOrder: (orderId) => orderSubject.set(response, orderId),
  };
}
