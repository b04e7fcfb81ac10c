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

/** Why the signal of a brew fired: the claim is over or was abandoned, and whatever comes of it will not be taken. */
export class ClaimLost extends Error {
  override readonly name = "ClaimLost";
}

export interface ClaimWork {
  readonly bar: Bar;
  readonly brew: Brew;
  readonly order: Order;
  readonly leaseSeconds: number;
  readonly events: BaristaEvents;
  /** Milliseconds for each call to the bar. */
  readonly within: number;
  readonly abandon?: AbortSignal;
}

/** Brews one order and says so, or gives it back. Never rejects. */
export async function workOnClaim(work: ClaimWork): Promise<"finished" | "given back" | "lost" | "abandoned"> {
  const { order, abandon, events } = work;
  const lost = new AbortController();
  const done = new AbortController();
  const letGo = () => lost.abort(new ClaimLost("The worker stops, and abandons what it has in hand."));
  if (abandon?.aborted) letGo();
  abandon?.addEventListener("abort", letGo, { once: true });
  const beating = keepAlive(work, { lost, done: done.signal });
  try {
    const trouble = await brewAndFinish(work, lost.signal);
    if (trouble === undefined) return "finished";
    if (abandon?.aborted) return "abandoned";
    events.trouble?.({ ...trouble, order });
    if (trouble.kind === "lost") return "lost";
  } finally {
    done.abort();
    abandon?.removeEventListener("abort", letGo);
    await beating;
  }
  await tell(work, "release", {}, abandon);
  return "given back";
}

/** The failure that kept the order from being finished, if there was one. */
async function brewAndFinish(work: ClaimWork, lost: AbortSignal): Promise<Omit<Trouble, "order"> | undefined> {
  const { order, brew, abandon, events } = work;
  let result: unknown;
  try {
    result = await brew(order, { signal: lost });
    assertJson(result);
  } catch (error) {
    return lost.aborted ? { kind: "lost", error: lost.reason } : { kind: "brew", error };
  }
  events.finishing?.(order);
  const answer = await tell(work, "finish", result === undefined ? {} : { result }, abandon);
  if (answer?.status === 200) {
    events.finished?.(order);
    return undefined;
  }
  if (answer === undefined || isOver(answer)) {
    return { kind: "lost", error: lost.reason ?? new ClaimLost("Somebody else has the order by now.") };
  }
  return { kind: "refused", error: new Error(`The bar does not take the result: ${JSON.stringify(answer.body)}`) };
}

/** Signs of life, three in the time of a lease, until the work is done or the claim is over. */
async function keepAlive(work: ClaimWork, { lost, done }: { lost: AbortController; done: AbortSignal }): Promise<void> {
  while (!done.aborted) {
    await sleep((work.leaseSeconds * 1000) / 3, undefined, { signal: done }).catch(() => undefined);
    if (done.aborted) return;
    const answer = await tell(work, "heartbeat", { lease_seconds: work.leaseSeconds }, done);
    if (!isOver(answer)) continue;
    lost.abort(new ClaimLost(`The claim of order ${work.order.orderId} is over: somebody else has the order by now.`));
    return;
  }
}

function tell(
  { bar, order, events, within }: ClaimWork,
  what: "finish" | "heartbeat" | "release",
  json: object,
  signal?: AbortSignal,
): Promise<Answer | undefined> {
  return bar.post({
    path: `/claims/${encodeURIComponent(order.orderId)}/${what}`,
    json: { claim_token: order.claimToken, ...json },
    within,
    ...(signal ? { signal } : {}),
    onRetry: (error) => events.trouble?.({ kind: "bar", error, order }),
  });
}

function isOver(answer: Answer | undefined): boolean {
  return answer?.status === 409 || answer?.status === 404;
}
