import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Bar } from "./bar.ts";
import type { BaristaEvents } from "./barista-events.ts";
import { type Order, readOrder } from "./order.ts";
import { type Brew, workOnClaim } from "./work-on-claim.ts";

export interface BaristaOptions {
  /** Where the bar is, such as `http://localhost:9703`; several for several instances. */
  readonly url: string | readonly string[];
  /**
   * Makes the order, and returns what to hand over to the customer, if anything: any JSON up to 16 KB. Its signal fires
   * when the claim is lost, so that it can stop. It may be called twice for one order, here or elsewhere: after a crash,
   * and after a lease that lapsed. Throws to give the order back.
   */
  readonly brew: Brew;
  /** Orders in hand at once. Default 1. */
  readonly concurrency?: number;
  /** Fires to stop: no more orders are taken, those in hand are finished. */
  readonly signal: AbortSignal;
  /** Fires to let go of everything at once, as at the end of a drain: brews are told, the bar is not, and leases lapse. */
  readonly abandon?: AbortSignal;
  /** Seconds after which somebody else gets the order when this process is dead. Signs of life are given three times as often. Default 30. */
  readonly leaseSeconds?: number;
  readonly events?: BaristaEvents;
}

export interface Barista {
  /** Resolves when the signal has fired and nothing is in hand any more. Never rejects. */
  readonly closed: Promise<void>;
}

/** Seconds a claim waits at the bar for an order. Many proxies end a silent connection after 30 or 60. */
const waitSeconds = 20;

/** Milliseconds within which the bar answers when there is nothing to wait for. */
const answerWithin = 10_000;

/**
 * A worker at the bar. Each of its hands is by turns *asking*, under a token of its own choice, which it keeps until it
 * has an order, so that an answer which got lost is given again; *brewing*, while signs of life keep the claim; and
 * *finishing* or *giving back*. A call that fails on the way to the bar is repeated. When the signal fires, hands that ask
 * let go, and the others finish what they have, or abandon it when told so; a claim that was being made in that very moment lapses with its lease.
 */
export function createBarista(options: BaristaOptions): Barista {
  const { url, concurrency = 1, leaseSeconds = 30 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new TypeError("concurrency is a whole number from 1.");
  if (!Number.isInteger(leaseSeconds) || leaseSeconds < 1)
    throw new TypeError("leaseSeconds is a whole number from 1.");
  const urls = (typeof url === "string" ? [url] : url).map(withoutEndSlashes);
  if (urls.length === 0) throw new TypeError("url names no bar.");
  const bar = new Bar(urls);
  const hands = Array.from({ length: concurrency }, () => work(bar, { ...options, leaseSeconds }));
  return { closed: Promise.all(hands).then(() => undefined) };
}

function withoutEndSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === "/") end--;
  return url.slice(0, end);
}

async function work(bar: Bar, options: BaristaOptions & { leaseSeconds: number }): Promise<void> {
  const { signal, brew, leaseSeconds, events = {} } = options;
  let failures = 0;
  while (!signal.aborted) {
    const order = await nextOrder(bar, options);
    if (order === undefined) return;
    events.taken?.(order);
    const { abandon } = options;
    const work = { bar, brew, order, leaseSeconds, events, within: answerWithin };
    const outcome = await workOnClaim({ ...work, ...(abandon ? { abandon } : {}) });
    if (outcome === "abandoned") return;
    failures = outcome === "given back" ? failures + 1 : 0;
    // An order that was given back is the next in line again: without a pause, one bad order would keep us busy for good.
    if (failures > 0) await pause(Math.min(10_000, 100 * 2 ** failures), signal);
  }
}

/** Undefined when the signal has fired. */
async function nextOrder(
  bar: Bar,
  { signal, leaseSeconds, events = {} }: BaristaOptions & { leaseSeconds: number },
): Promise<Order | undefined> {
  let token = randomUUID();
  while (!signal.aborted) {
    const answer = await bar.post({
      path: `/claims?wait=${waitSeconds}`,
      json: { claim_token: token, lease_seconds: leaseSeconds },
      within: waitSeconds * 1000 + answerWithin,
      signal,
      onRetry: (error) => events.trouble?.({ kind: "bar", error }),
    });
    if (answer === undefined) return undefined;
    const order = answer.status === 200 ? readOrder(answer.body, token) : undefined;
    if (order !== undefined) return order;
    if (answer.status === 204) continue;
    if (answer.status === 409) {
      // The claim was made, and lapsed before we heard of it.
      token = randomUUID();
      continue;
    }
    events.trouble?.({ kind: "refused", error: new Error(`A claim was answered with ${answer.status}.`) });
    await pause(2_000, signal);
  }
  return undefined;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
