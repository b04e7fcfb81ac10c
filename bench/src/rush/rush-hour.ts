import { work } from "./barista.ts";
import type { RushCommand } from "./command.ts";
import { crowd } from "./crowd.ts";
import { visit } from "./customer.ts";
import type { RushShop } from "./find-shop.ts";
import { type Result, Scoreboard } from "./results/scoreboard.ts";
import { seededRandom } from "./seeded-random.ts";

/** Limits of the brew time at `--speed 1`. */
const minBrewMs = 30_000;
const maxBrewMs = 60_000;
/** After this time without progress, beyond the longest brew, the remaining customers will not be served. */
const defaultPatienceMs = 60_000;

export interface RushHour extends Pick<RushCommand, "customers" | "baristas" | "speed" | "seed"> {
  readonly hasOneAddress?: boolean;
  /** The rush ends after this time without progress, beyond the longest brew. */
  readonly patienceMs?: number;
}

export interface RushResult extends Result {
  /** The reason for an end while customers still waited: the signal, or no more progress. */
  readonly cutShort?: "interrupted" | "stalled";
}

/**
 * Runs the rush: all customers come at once, and the baristas brew until every customer has left. The signal ends a rush
 * early, and so does a lack of progress. Customers who still wait then count as errors.
 */
export async function rushHour(
  command: RushHour,
  shop: Pick<RushShop, "orders" | "barista" | "baristaToken">,
  show: (progress: Scoreboard["progress"]) => void,
  stop: AbortSignal,
): Promise<RushResult> {
  const { baristas, speed, seed, hasOneAddress = false, patienceMs = defaultPatienceMs } = command;
  const customers = crowd(command.customers, { counters: shop.orders, random: seededRandom(seed), hasOneAddress });
  const scoreboard = new Scoreboard(customers);
  const over = new AbortController();
  const ended = AbortSignal.any([over.signal, stop]);
  const bar = Promise.all(
    Array.from({ length: baristas }, (_, index) => {
      const random = seededRandom(seed * 1_000 + index + 1);
      const brewTimeMs = () => (minBrewMs + random() * (maxBrewMs - minBrewMs)) / speed;
      const first = index % shop.barista.length;
      const bar = [...shop.barista.slice(first), ...shop.barista.slice(0, first)];
      return work({ bar, token: shop.baristaToken, brewTimeMs, events: scoreboard }, ended);
    }),
  );
  const unwatch = watchProgress(scoreboard, show, patienceMs + maxBrewMs / speed, () => over.abort());
  await Promise.all(customers.map(async (customer) => scoreboard.left(await visit(customer, ended))));
  const reason = stop.aborted ? "interrupted" : "stalled";
  over.abort();
  await bar;
  unwatch();
  show(scoreboard.progress);
  const result = scoreboard.result();
  return result.unanswered > 0 ? { ...result, cutShort: reason } : result;
}

/** Shows the progress ten times a second, and gives up after `patienceMs` without progress. Returns a function that stops it. */
function watchProgress(
  scoreboard: Scoreboard,
  show: (progress: Scoreboard["progress"]) => void,
  patienceMs: number,
  giveUp: () => void,
): () => void {
  let last = "";
  let movedAt = performance.now();
  const timer = setInterval(() => {
    show(scoreboard.progress);
    const now = JSON.stringify(scoreboard.progress);
    if (now !== last) movedAt = performance.now();
    else if (performance.now() - movedAt > patienceMs) giveUp();
    last = now;
  }, 100);
  return () => clearInterval(timer);
}
