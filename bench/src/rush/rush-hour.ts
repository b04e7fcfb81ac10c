import { work } from "./barista.ts";
import type { RushCommand } from "./command.ts";
import { crowd } from "./crowd.ts";
import { visit } from "./customer.ts";
import { seededRandom } from "./seeded-random.ts";
import { type Result, Tally } from "./tally.ts";

/** Brew times without --speed, in ms. */
const shortestBrew = 30_000;
const longestBrew = 60_000;
/** When nothing at all has happened for this long beyond the longest brew, the rest of the customers will not be served. */
const stall = 60_000;

/**
 * Runs the rush: all customers come at once, the baristas brew until every customer has left. A rush in which nothing
 * moves any more, or that is stopped by the signal, ends with the customers who are still waiting counted as errors.
 */
export async function rushHour(
  command: Pick<RushCommand, "customers" | "baristas" | "speed" | "seed"> & { readonly oneAddress?: boolean },
  shop: { readonly orders: readonly string[]; readonly barista: readonly string[] },
  show: (progress: Tally["progress"]) => void,
  stop: AbortSignal,
): Promise<Result> {
  const { baristas, speed, seed, oneAddress = false } = command;
  const customers = crowd(command.customers, { counters: shop.orders, random: seededRandom(seed), oneAddress });
  const tally = new Tally(customers);
  const over = new AbortController();
  const ended = AbortSignal.any([over.signal, stop]);
  const bar = Promise.all(
    Array.from({ length: baristas }, (_, index) => {
      const random = seededRandom(seed * 1_000 + index + 1);
      const brewTime = () => (shortestBrew + random() * (longestBrew - shortestBrew)) / speed;
      const first = index % shop.barista.length;
      const bar = [...shop.barista.slice(first), ...shop.barista.slice(0, first)];
      return work({ bar, brewTime, events: tally }, ended);
    }),
  );
  const unwatch = watchProgress(tally, show, stall + longestBrew / speed, () => over.abort());
  await Promise.all(customers.map(async (customer) => tally.left(await visit(customer, ended))));
  over.abort();
  await bar;
  unwatch();
  show(tally.progress);
  return tally.result();
}

/** Shows the progress ten times a second, and gives up when nothing has moved for `patience` ms. Returns how to end it. */
function watchProgress(
  tally: Tally,
  show: (progress: Tally["progress"]) => void,
  patience: number,
  giveUp: () => void,
): () => void {
  let last = "";
  let movedAt = performance.now();
  const timer = setInterval(() => {
    show(tally.progress);
    const now = JSON.stringify(tally.progress);
    if (now !== last) movedAt = performance.now();
    else if (performance.now() - movedAt > patience) giveUp();
    last = now;
  }, 100);
  return () => clearInterval(timer);
}
