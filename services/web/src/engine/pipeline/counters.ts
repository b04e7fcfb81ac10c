import type { Metrics } from "./read-metrics.ts";

/** Counters of a process. They only grow, and begin at 0 when it starts again. */
export interface Counters {
  readonly commits: number;
  readonly commitSeconds: number;
  /** Messages that a subscriber received, with any outcome: duplicates and failures count, too. */
  readonly deliveries: number;
  /** Deliveries that were handled for the first time. An event counts once for each of its subscribers. */
  readonly handled: number;
  /** Sum, over the `handled` deliveries, of the seconds from arrival in the queue to the effect. */
  readonly handledLagSeconds: number;
  /** Deliveries of messages that had been handled before. */
  readonly duplicates: number;
  /** Deliveries with a receive count above 1. */
  readonly retries: number;
  readonly failures: number;
  /** Customers that were answered, and their waits. Baristas' waits are not counted. */
  readonly answeredCustomers: number;
  readonly waitSeconds: number;
}

const none: Counters = {
  commits: 0,
  commitSeconds: 0,
  deliveries: 0,
  handled: 0,
  handledLagSeconds: 0,
  duplicates: 0,
  retries: 0,
  failures: 0,
  answeredCustomers: 0,
  waitSeconds: 0,
};

export function countersOf(metrics: Metrics): Counters {
  const deliveries = "subscriber_process_duration_seconds_count";
  const ended = (...outcomes: string[]) =>
    outcomes.reduce((sum, each) => sum + metrics.sum(deliveries, ["outcome", each]), 0);
  const commits = ["outcome", "committed"] as const;
  return {
    commits: metrics.sum("outbox_commit_duration_seconds_count", commits),
    commitSeconds: metrics.sum("outbox_commit_duration_seconds_sum", commits),
    deliveries: metrics.sum(deliveries),
    handled: ended("committed", "ignored"),
    handledLagSeconds: metrics.sum("subscriber_lag_seconds_sum"),
    duplicates: ended("duplicate"),
    retries: metrics.sum("subscriber_retries_total"),
    failures: ended("failed", "outage"),
    answeredCustomers: metrics.sum("orders_wait_seconds_count"),
    waitSeconds: metrics.sum("orders_wait_seconds_sum"),
  };
}

/** The callers that wait in a process: customers, and baristas. */
export function waitingCallersIn(metrics: Metrics): number {
  return metrics.sum("orders_waiting") + metrics.sum("barista_waiting_baristas");
}

export function sumOf(all: Iterable<Counters>): Counters {
  return [...all].reduce((sum, each) => combine(sum, each, (one, other) => one + other), none);
}

/** The growth since an earlier time. A process that has been started again since then has counted from 0. */
export function growth(before: Counters, now: Counters): Counters {
  const isRestarted = Object.entries(now).some(([name, value]) => value < before[name as keyof Counters]);
  return isRestarted ? now : combine(now, before, (later, earlier) => later - earlier);
}

function combine(one: Counters, other: Counters, by: (one: number, other: number) => number): Counters {
  const names = Object.keys(none) as (keyof Counters)[];
  return { ...none, ...Object.fromEntries(names.map((name) => [name, by(one[name], other[name])])) };
}
