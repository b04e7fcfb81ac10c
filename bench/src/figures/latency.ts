import { setTimeout as sleep } from "node:timers/promises";
import { openShop } from "@doubleshot/dev-shop";
import { call } from "../rush/call.ts";
import { seededRandom } from "../rush/seeded-random.ts";

/** Milliseconds, one entry for each order. */
export interface Latencies {
  /** From sending the order to the claim of a barista, which polls without a pause. */
  readonly orderToBarMs: readonly number[];
  /** From sending the finish to the waiting customer's whole 200. */
  readonly finishToAnswerMs: readonly number[];
}

/**
 * Measures one order at a time in a shop that is otherwise idle. Each brew takes 50-250 ms, so that every poll is at its
 * idle rate before the finish.
 */
export async function latencies(orders: number): Promise<Latencies> {
  await using shop = await openShop();
  const counter = shop.services.orders[0]?.url ?? "";
  const bar = shop.services.barista[0]?.url ?? "";
  const random = seededRandom(1);
  const orderToBarMs: number[] = [];
  const finishToAnswerMs: number[] = [];
  for (let order = 0; order < orders; order++) {
    const orderedAt = performance.now();
    const customer = call({ method: "POST", url: `${counter}/order/` });
    const id = await nextOrder(bar);
    orderToBarMs.push(performance.now() - orderedAt);
    await sleep(50 + random() * 200);
    const finishedAt = performance.now();
    const answered = customer.then(({ status }) => {
      if (status !== 200) throw new Error(`A customer got ${status}.`);
      finishToAnswerMs.push(performance.now() - finishedAt);
    });
    await Promise.all([call({ method: "POST", url: `${bar}/finish/?order_id=${id}` }), answered]);
  }
  return { orderToBarMs, finishToAnswerMs };
}

async function nextOrder(bar: string): Promise<string> {
  for (;;) {
    const { status, body } = await call({ method: "GET", url: `${bar}/start/` });
    if (status === 200) return Object.assign({ order_id: "" }, body).order_id;
    await sleep(1);
  }
}
