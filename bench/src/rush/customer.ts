import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, call } from "./call.ts";

export interface Customer {
  /** Unique over all rushes: an answer with another name belongs to another customer. */
  readonly name: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  /** The Idempotency-Key that every attempt carries. */
  readonly key: string;
  readonly counter: string;
  readonly address: string | undefined;
}

/** The end of a visit: the first answer other than "come back". */
export interface Visit {
  readonly customer: Customer;
  readonly answer: Answer | undefined;
  /** Attempts beyond the first: connection failures, 429 and 503. */
  readonly retries: number;
  /** Time from the first attempt to the answer. */
  readonly waitMs: number;
  /** performance.now() of the answer. */
  readonly answeredAt: number;
}

/** The shop has too many callers, or is closing. A customer retries after either. */
const comeBack: ReadonlySet<number> = new Set([429, 503]);

/** Upper limit for the pause that Retry-After asks for. */
const maxPauseMs = 1_000;

/**
 * Orders a coffee with one POST that has no time limit. After a lost connection, a 429 or a 503 the customer retries with
 * the same key, which leads to the same order. Any other answer ends the visit.
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
      return { customer, answer, retries, waitMs: answeredAt - arrivedAt, answeredAt };
    }
    const askedMs = Number(response?.headers["retry-after"] ?? 0) * 1_000;
    const pauseMs = Math.min(maxPauseMs, Math.max(askedMs, 50 * 2 ** Math.min(retries, 5)));
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
