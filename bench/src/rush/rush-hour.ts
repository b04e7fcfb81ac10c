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
const usualPatience = 60_000;

export interface RushHour extends Pick<RushCommand, "customers" | "baristas" | "speed" | "seed"> {
  readonly oneAddress?: boolean;
  /** Milliseconds in which nothing happens. */
  readonly patience?: number;
}

export interface RushResult extends Result {
  /** Why it ended while customers still waited: by the signal, or because nothing moved any more. */
  readonly cutShort?: "interrupted" | "stalled";
}

/**
 * Runs the rush: all customers come at once, the baristas brew until every customer has left. A rush in which nothing
 * moves any more, or that is stopped by the signal, ends with the customers who are still waiting counted as errors.
 */
export async function rushHour(
  command: RushHour,
  shop: { readonly orders: readonly string[]; readonly barista: readonly string[] },
  show: (progress: Tally["progress"]) => void,
  stop: AbortSignal,
): Promise<RushResult> {
  const { baristas, speed, seed, oneAddress = false, patience = usualPatience } = command;
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
  const unwatch = watchProgress(tally, show, patience + longestBrew / speed, () => over.abort());
  await Promise.all(customers.map(async (customer) => tally.left(await visit(customer, ended))));
  const reason = stop.aborted ? "interrupted" : "stalled";
  over.abort();
  await bar;
  unwatch();
  show(tally.progress);
  const result = tally.result();
  return result.unanswered > 0 ? { ...result, cutShort: reason } : result;
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
