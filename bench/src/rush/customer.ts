import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, call } from "./call.ts";

export interface Customer {
  /** Not like anybody else's in this rush or another: an answer with another name is a crossed one. */
  readonly name: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  /** The Idempotency-Key that every attempt carries. */
  readonly key: string;
  readonly counter: string;
  readonly address: string | undefined;
}

/** How a visit ended: with the first answer that was not "come back". */
export interface Visit {
  readonly customer: Customer;
  readonly answer: Answer | undefined;
  /** Attempts beyond the first: connection failures, 429 and 503. */
  readonly retries: number;
  /** Milliseconds from the first attempt to the answer. */
  readonly wait: number;
  /** performance.now() of the answer. */
  readonly answeredAt: number;
}

/** Too many at once, or closing: neither is a refusal. */
const comeBack: ReadonlySet<number> = new Set([429, 503]);

/** A customer is told by Retry-After when to come back; one in a hurry does not wait longer than this. */
const longestPause = 1_000;

/**
 * A customer who wants their coffee: one POST that waits as long as it takes. A lost connection, a 429 or a 503 is no refusal,
 * so they ask again, with the same key, and are put back to their own order. Any other answer ends the visit.
 */
export async function visit(customer: Customer, signal: AbortSignal): Promise<Visit> {
  const { name, items, key, counter, address } = customer;
  const arrivedAt = performance.now();
  for (let retries = 0; ; retries++) {
    const response = await call({
      method: "POST",
      url: `${counter}/order/`,
      json: { name, items },
      headers: { "idempotency-key": key },
      localAddress: address,
      signal,
    }).catch(() => undefined);
    const answeredAt = performance.now();
    const answer = response && !comeBack.has(response.status) ? response : undefined;
    if (signal.aborted || answer) {
      return { customer, answer, retries, wait: answeredAt - arrivedAt, answeredAt };
    }
    const asked = Number(response?.headers["retry-after"] ?? 0) * 1_000;
    const pause = Math.min(longestPause, Math.max(asked, 50 * 2 ** Math.min(retries, 5)));
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}
