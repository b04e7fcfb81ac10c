import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, call } from "../rush/call.ts";

export interface OpeningShop {
  /** URL of orders. */
  readonly orders: string;
  /** URL of the barista service. */
  readonly barista: string;
  /** Resolves with the exit code when `npm start` has ended. */
  readonly ended: Promise<unknown[]>;
  /** Called when the counter accepts orders. */
  readonly onOpen?: () => void;
  readonly signal?: AbortSignal;
}

/**
 * Serves one order in a shop that is opening: a customer orders as soon as the counter answers, and a barista finishes the
 * order as soon as it is at the bar.
 * @throws Error when `npm start` ends first, or when the customer gets no 200.
 */
export async function serveFirstOrder({ ended, signal, ...shop }: OpeningShop): Promise<void> {
  const stop = new AbortController();
  const failed = ended.then(([code]) => {
    throw new Error(`npm start ended with code ${code} before an order was served.`);
  });
  failed.catch(() => undefined);
  try {
    await Promise.race([failed, served(shop, AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]))]);
  } finally {
    stop.abort();
  }
}

async function served(
  { orders, barista, onOpen }: Pick<OpeningShop, "orders" | "barista" | "onOpen">,
  signal: AbortSignal,
): Promise<void> {
  await untilOk(() => call({ method: "GET", url: `${orders}/readyz`, signal }), signal);
  onOpen?.();
  const customer = call({ method: "POST", url: `${orders}/order/`, signal });
  customer.catch(() => undefined);
  const { body } = await untilOk(() => call({ method: "GET", url: `${barista}/start/`, signal }), signal);
  const { order_id: id } = Object.assign({ order_id: "" }, body);
  await call({ method: "POST", url: `${barista}/finish/?order_id=${id}`, signal });
  const { status } = await customer;
  if (status !== 200) throw new Error(`The first customer got ${status}.`);
}

/** Repeats the request every 5 ms until its answer is a 200, also while no process listens. */
async function untilOk(request: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  for (;;) {
    const answer = await request().catch(() => undefined);
    if (answer?.status === 200) return answer;
    await sleep(5, undefined, { signal });
  }
}
