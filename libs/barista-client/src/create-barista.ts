import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Bar } from "./bar.ts";
import { safeEvents } from "./barista-events.ts";
import { type BaristaOptions, checkOptions } from "./barista-options.ts";
import { type Order, readOrder } from "./order.ts";
import { type ClaimSettings, workOnClaim } from "./work-on-claim.ts";

export interface Barista {
  /** Resolves when the signal has fired and no order is in hand any more. Never rejects. */
  readonly closed: Promise<void>;
}

/** Seconds a claim waits at the bar for an order. Many proxies end a silent connection after 30 or 60. */
const waitSeconds = 20;

/** Time in which the bar answers when there is nothing to wait for. */
const answerTimeoutMs = 10_000;

interface Worker extends ClaimSettings {
  readonly signal: AbortSignal;
}

/**
 * Starts workers at the bar, one for each order that may be in hand at once. The states of a worker:
 *
 * - claiming     asks under a token of its own choice, and keeps the token until it has an order: a repeated request gets the
 *                answer that was lost
 * - brewing      runs `brew`; heartbeats keep the claim
 * - finishing    reports the result, or gives the order back
 * - stopped      the signal fired while it was claiming, or `abandon` fired
 *
 * A call that the bar does not answer is repeated. A claim that was being made when the signal fired lapses with its lease.
 *
 * @throws TypeError for a wrong option, in a sentence that says what is allowed.
 */
export function createBarista(options: BaristaOptions): Barista {
  checkOptions(options);
  const { url, token, brew, signal, abandon, concurrency = 1, leaseSeconds = 30, events = {} } = options;
  const worker: Worker = {
    ...{ bar: new Bar([url].flat(), token), brew, signal, leaseSeconds, events: safeEvents(events) },
    callTimeoutMs: answerTimeoutMs,
    ...(abandon && { abandon }),
  };
  const workers = Array.from({ length: concurrency }, () => work(worker));
  return { closed: Promise.all(workers).then(() => undefined) };
}

async function work(worker: Worker): Promise<void> {
  const { signal, events } = worker;
  let failures = 0;
  while (!signal.aborted) {
    const order = await claimOrder(worker);
    if (order === undefined) return;
    events.taken(order);
    const outcome = await workOnClaim({ ...worker, order });
    if (outcome === "abandoned") return;
    failures = outcome === "given-back" ? failures + 1 : 0;
    // An order that was given back is the next in line again: without a pause, one bad order would keep the worker busy.
    if (failures > 0) await pause(Math.min(10_000, 100 * 2 ** failures), signal);
  }
}

/** Undefined when the signal has fired. */
async function claimOrder({ bar, signal, leaseSeconds, events }: Worker): Promise<Order | undefined> {
  let token = randomUUID();
  while (!signal.aborted) {
    const answer = await bar.post({
      path: `/claims?wait=${waitSeconds}`,
      json: { claim_token: token, lease_seconds: leaseSeconds },
      timeoutMs: waitSeconds * 1000 + answerTimeoutMs,
      signal,
      onRetry: (error) => events.trouble({ kind: "bar", error }),
    });
    if (answer === undefined) return undefined;
    const order = answer.status === 200 ? readOrder(answer.body, token) : undefined;
    if (order !== undefined) return order;
    if (answer.status === 204) continue;
    if (answer.status === 409) {
      // The claim was made, and lapsed before its answer arrived.
      token = randomUUID();
      continue;
    }
    events.trouble({ kind: "refused", error: new Error(`The bar answered a claim with ${answer.status}.`) });
    await pause(2_000, signal);
  }
  return undefined;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
