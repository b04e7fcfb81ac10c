import type { StatusReport } from "@doubleshot/operations";
import { expect, test } from "vitest";
import { sumOf } from "./counters.ts";
import type { Snapshot } from "./pipeline.ts";
import { beforeTopic, stageNames, stagesOf } from "./stages.ts";

const nothing = sumOf([]);
const outbox: StatusReport["outboxes"][number] = {
  outbox: "doubleshot-orders-outbox",
  rows: 40,
  sampled: 40,
  relayedMs: 12,
  underWay: 0,
  lagMs: 0,
  parked: { aggregates: 0, rows: 0 },
  failedBatches: 0,
};

/** A snapshot so many seconds after the first. */
function snapshot(second: number, changes: Partial<Snapshot> = {}): Snapshot {
  const spanMs = second === 0 ? 0 : 1_000;
  const empty = { grown: nothing, totals: nothing, waitingCallers: 0, queues: [], status: undefined, answering: [] };
  return { at: 1_000_000 + second * 1_000, spanMs, ...empty, ...changes };
}

const figures = (snapshots: readonly Snapshot[]) =>
  Object.fromEntries(stagesOf(snapshots).map(({ stage, ...figures }) => [stage, figures]));

test("without a snapshot there is no stage, and a first one has no rates", () => {
  expect(stagesOf([])).toEqual([]);
  expect(stagesOf([snapshot(0)]).map(({ stage }) => stage)).toEqual(stageNames);
  expect(figures([snapshot(0)]).commit).toEqual({ rate: null, lag_ms: null, backlog: null });
});

test("rates and times are over the last seconds, and older ones do not count", () => {
  const commits = { ...nothing, commits: 10, commitSeconds: 0.1 };
  const snapshots = [
    snapshot(0),
    snapshot(1, { grown: { ...commits, commits: 900 } }),
    ...[5, 6, 7, 8, 9].map((second) => snapshot(second, { grown: commits })),
  ];
  expect(figures(snapshots).commit).toEqual({ rate: 10, lag_ms: 10, backlog: null });
});

test("events that no queue has are in the stream, and those in a queue are not", () => {
  const report = (lagging: "relay" | "subscriber"): StatusReport => ({
    outboxes: [{ ...outbox, underWay: 3, lagMs: 9_000, lagging }],
    queues: [],
    readUnits: 0,
  });
  expect(figures([snapshot(0, { status: report("relay") })])).toMatchObject({
    outbox: { backlog: 40 },
    stream: { backlog: 3, lag_ms: 9_000 },
    queues: { lag_ms: 0 },
  });
  expect(figures([snapshot(0, { status: report("subscriber") })])).toMatchObject({
    stream: { backlog: 0, lag_ms: 0 },
    queues: { lag_ms: 9_000 },
  });
});

test("the sample of a large outbox that shows no event under way does not say that there is none", () => {
  const report = (changes: Partial<typeof outbox>): StatusReport => ({
    outboxes: [outbox, { ...outbox, rows: 5_000, sampled: 1_000, ...changes }],
    queues: [],
    readUnits: 0,
  });
  expect(figures([snapshot(0, { status: report({}) })])).toMatchObject({
    stream: { backlog: null, lag_ms: null },
    queues: { lag_ms: null, backlog: 0 },
  });
  expect(beforeTopic(report({}))).toBeNull();
  const found = report({ underWay: 3, lagMs: 9_000, lagging: "relay" });
  expect(figures([snapshot(0, { status: found })])).toMatchObject({ stream: { backlog: 3, lag_ms: 9_000 } });
});

test("arrivals are the messages handled for the first time and the growth of the queues", () => {
  const queue = (waiting: number) => [{ subscriber: "barista", waiting, inHand: 1 }];
  const grown = { ...nothing, deliveries: 1, handled: 1 };
  const snapshots = [
    snapshot(0, { queues: queue(0) }),
    snapshot(1, { queues: queue(3), grown }),
    snapshot(2, { queues: queue(4), grown }),
  ];
  expect(figures(snapshots)).toMatchObject({ topic: { rate: 3 }, queues: { rate: 1, backlog: 5 } });
});

test("duplicates and failures are deliveries of the queues, and nothing new at the topic or in an inbox", () => {
  const grown = { ...nothing, deliveries: 6, handled: 3, duplicates: 2, failures: 1 };
  const stages = figures([snapshot(0), snapshot(1, { grown })]);
  expect(stages).toMatchObject({ topic: { rate: 3 }, queues: { rate: 6 }, inboxes: { rate: 3 } });
});

test("deliveries are no events: an event has one for each subscriber, so they give the relay no rate", () => {
  const grown = { ...nothing, commits: 1, deliveries: 3, handled: 3 };
  expect(figures([snapshot(0), snapshot(1, { grown })])).toMatchObject({
    commit: { rate: 1 },
    relay: { rate: null },
    topic: { rate: 3 },
  });
});
