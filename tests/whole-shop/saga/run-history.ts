import type { FaultKind } from "@doubleshot/messaging/testing";
import { Clients } from "./clients.ts";
import type { History } from "./history.ts";
import { findings, underWay } from "./oracle.ts";
import { SagaShop } from "./saga-shop.ts";

export interface HistoryResult {
  /** Broken guarantees; empty if there are none. */
  readonly findings: readonly string[];
  /** Counts of the faults that happened, and of the states in which orders and reservations ended. */
  readonly counts: ReadonlyMap<string, number>;
}

const minute = 60_000;

/**
 * Runs a history, in these phases:
 * 1. faults  the clients make their requests, baristas brew, and faults happen until a while after the last answer
 * 2. calm    no more faults, and the bar closes: every event must be handled
 * 3. last    requests that were late may still arrive, and their events must be handled as well
 */
export async function runHistory(history: History): Promise<HistoryResult> {
  const saga = new SagaShop(history);
  const { time, aws } = saga;
  const clients = new Clients(saga);
  saga.start();
  let isDone = false;
  let isClosed = false;
  void clients
    .open(history.limits)
    .then(() => Promise.all(history.clients.map((steps) => clients.run(steps))))
    .then(() => {
      isDone = true;
    });
  let isBrewed = false;
  void clients
    .brew(() => isClosed, history.isBarSlow ? 3_000 : 400)
    .then(() => {
      isBrewed = true;
    });
  const end = (found: readonly string[]): HistoryResult => {
    saga.stop();
    return { findings: found, counts: countsOf(saga) };
  };

  if (!(await time.pass(() => isDone, 60 * minute)))
    return end(["a client got no answer", ...findings(saga, clients.reported)]);
  await time.pass(() => false, aws.random.integer(0, 10_000));
  isClosed = true;
  aws.faults.cease();
  const untilQuiet = () => time.pass(() => isBrewed && underWay(saga).length === 0, 15 * minute);
  await untilQuiet();
  await time.pass(() => false, minute);
  await untilQuiet();
  return end([...underWay(saga), ...findings(saga, clients.reported)]);
}

function countsOf(saga: SagaShop): Map<string, number> {
  const counts = new Map<string, number>(saga.aws.faults.counts as ReadonlyMap<FaultKind, number>);
  for (const table of ["orders", "customers-reservations"]) {
    for (const { status } of saga.items(table)) {
      const name = `${table} ${status?.S}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}
