import { setTimeout as sleep } from "node:timers/promises";
import { call } from "../rush/call.ts";
import { percentile } from "../rush/percentile.ts";

export interface MeasuredShop {
  /** URL of orders. */
  readonly orders: string;
  /** URL of the barista service. */
  readonly barista: string;
  readonly signal: AbortSignal;
}

export const ordersInTurn = 20;
export const pauses = 3;

/** Returns the milliseconds that an order takes while another has just been served: the median of some, one at a time. */
export async function orderInTurnMs(shop: MeasuredShop): Promise<number> {
  const times: number[] = [];
  while (times.length < ordersInTurn) times.push(await servedMs(shop));
  return percentile(times, 50);
}

/** Returns the milliseconds that the first order after a pause takes: the median of three. The first pause has just ended. */
export async function firstOrderMs(shop: MeasuredShop, pauseMs: number): Promise<number> {
  const times = [await servedMs(shop)];
  while (times.length < pauses) {
    await sleep(pauseMs, undefined, { signal: shop.signal });
    times.push(await servedMs(shop));
  }
  return percentile(times, 50);
}

/** Milliseconds from sending an order to the caller's 200. A barista waits for the order, and finishes it at once. */
async function servedMs({ orders, barista, signal }: MeasuredShop): Promise<number> {
  const claiming = call({ method: "GET", url: `${barista}/start/?wait=20`, signal });
  const startedAt = performance.now();
  const customer = call({ method: "POST", url: `${orders}/order/`, signal });
  customer.catch(() => undefined);
  const { order_id: id } = Object.assign({ order_id: "" }, (await claiming).body);
  await call({ method: "POST", url: `${barista}/finish/?order_id=${id}`, signal });
  const { status } = await customer;
  if (status !== 200) throw new Error(`A caller got ${status} from an idle shop.`);
  return performance.now() - startedAt;
}
