import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Bar } from "./bar.ts";
import type { BaristaEvents, Trouble } from "./barista-events.ts";
import { assertJson } from "./json-value.ts";
import type { Order } from "./order.ts";

/**
 * Makes the order. Its result is handed over to the customer: plain JSON, or `undefined` for nothing. An order whose
 * result JSON cannot hold as it is (NaN, a Map, a function, a Date, a nested undefined) is given back.
 */
export type Brew = (order: Order, context: { readonly signal: AbortSignal }) => unknown;

/**
 * The reason of a brew's signal: the claim is over, and the bar stores no result under it, or the worker abandoned the claim
 * and sends no result.
 */
export class ClaimLostError extends Error {
  override readonly name = "ClaimLostError";
}

export interface ClaimSettings {
  readonly bar: Bar;
  readonly brew: Brew;
  readonly leaseSeconds: number;
  readonly events: Required<BaristaEvents>;
  /** Time for each call to the bar. */
  readonly callTimeoutMs: number;
  readonly abandon?: AbortSignal;
}

export interface Claim extends ClaimSettings {
  readonly order: Order;
}

/**
 * Brews one order, and ends its claim. Never rejects. Returns one of:
 *
 * - finished    the bar has the order as finished
 * - given-back  the brew failed or the bar refused its result: the order goes back to the line
 * - lost        the claim was over before the order was finished
 * - abandoned   `abandon` fired: the worker sends nothing more, and the lease lapses by itself
 */
export async function workOnClaim(claim: Claim): Promise<"finished" | "given-back" | "lost" | "abandoned"> {
  const { abandon } = claim;
  const lost = new AbortController();
  const done = new AbortController();
  const drop = () => lost.abort(new ClaimLostError("The worker stops, and abandons its orders in hand."));
  if (abandon?.aborted) drop();
  abandon?.addEventListener("abort", drop, { once: true });
  const heartbeats = sendHeartbeats(claim, { lost, done: done.signal });
  try {
    const trouble = await brewAndFinish(claim, lost.signal);
    if (trouble === undefined) return "finished";
    if (abandon?.aborted) return "abandoned";
    claim.events.trouble({ ...trouble, order: claim.order });
    if (trouble.kind === "lost") return "lost";
  } finally {
    done.abort();
    abandon?.removeEventListener("abort", drop);
    await heartbeats;
  }
  await post(claim, "release", {}, abandon);
  return "given-back";
}

/** The failure that kept the order from being finished, if there was one. */
async function brewAndFinish(claim: Claim, lost: AbortSignal): Promise<Omit<Trouble, "order"> | undefined> {
  const { order, brew, abandon, events } = claim;
  let result: unknown;
  try {
    result = await brew(order, { signal: lost });
    assertJson(result);
  } catch (error) {
    return lost.aborted ? { kind: "lost", error: lost.reason } : { kind: "brew", error };
  }
  events.finishing(order);
  const answer = await post(claim, "finish", result === undefined ? {} : { result }, abandon);
  if (answer?.status === 200) {
    events.finished(order);
    return undefined;
  }
  if (answer === undefined || isOver(answer)) {
    return { kind: "lost", error: lost.reason ?? claimOver(order) };
  }
  return { kind: "refused", error: new Error(`The bar refused the result: ${JSON.stringify(answer.body)}`) };
}

/** Sends three heartbeats in the time of a lease, until the work is done or the claim is over. */
async function sendHeartbeats(
  claim: Claim,
  { lost, done }: { lost: AbortController; done: AbortSignal },
): Promise<void> {
  while (!done.aborted) {
    await sleep((claim.leaseSeconds * 1000) / 3, undefined, { signal: done }).catch(() => undefined);
    if (done.aborted) return;
    const answer = await post(claim, "heartbeat", { lease_seconds: claim.leaseSeconds }, done);
    if (!isOver(answer)) continue;
    lost.abort(claimOver(claim.order));
    return;
  }
}

function post(
  { bar, order, events, callTimeoutMs }: Claim,
  action: "finish" | "heartbeat" | "release",
  json: object,
  signal?: AbortSignal,
): Promise<Answer | undefined> {
  return bar.post({
    path: `/claims/${encodeURIComponent(order.orderId)}/${action}`,
    json: { claim_token: order.claimToken, ...json },
    timeoutMs: callTimeoutMs,
    ...(signal ? { signal } : {}),
    onRetry: (error) => events.trouble({ kind: "bar", error, order }),
  });
}

/** The error for a 404 or a 409 of the bar. */
function claimOver({ orderId }: Order): ClaimLostError {
  return new ClaimLostError(
    `The claim of order ${orderId} is over: another barista claimed it, or it was finished or cancelled.`,
  );
}

function isOver(answer: Answer | undefined): boolean {
  return answer?.status === 409 || answer?.status === 404;
}
