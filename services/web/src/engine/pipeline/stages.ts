import type { StatusReport } from "@doubleshot/operations";
import type { Snapshot } from "./pipeline.ts";

/** The stages of an event's way, in their order. */
export const stageNames = ["commit", "outbox", "stream", "relay", "topic", "queues", "inboxes", "waiters"] as const;
type StageName = (typeof stageNames)[number];

/** The figures of a stage. A figure that has no meaning at the stage, or is not known, is null. */
export interface Stage {
  readonly stage: StageName;
  /** Per second. From `topic` to `inboxes`, an event counts once for each of its subscribers. */
  readonly rate: number | null;
  /** Milliseconds that the stage takes, or that its oldest thing has waited. */
  readonly lag_ms: number | null;
  /**
   * Rows, messages or callers that wait at the stage; at `relay`, `topic` and `inboxes` the parked, undelivered and dead ones.
   */
  readonly backlog: number | null;
}

/** Rates are over this time, so that a single order shows for more than a second. */
const windowMs = 5_000;

/** The figures of all stages, from the snapshots up to now, the latest last. */
export function stagesOf(snapshots: readonly Snapshot[]): Stage[] {
  const now = snapshots.at(-1);
  if (now === undefined) return [];
  const recent = snapshots.filter(({ at, spanMs }) => spanMs > 0 && at > now.at - windowMs);
  const ms = recent.reduce((sum, { spanMs }) => sum + spanMs, 0);
  const grown = (name: keyof Snapshot["grown"]) => recent.reduce((sum, each) => sum + each.grown[name], 0);
  const perSecond = (count: number) => (ms === 0 ? null : (count * 1_000) / ms);
  const mean = (seconds: number, count: number) => (count === 0 ? null : (seconds * 1_000) / count);
  const tables = tablesOf(now.status);
  const queued = queuedIn(now);
  const [first] = recent;
  const before = first && snapshots[snapshots.indexOf(first) - 1];
  // A message that is received again arrives once: duplicates and failures are no arrivals.
  const arrived = before && Math.max(0, grown("handled") + queued - queuedIn(before));
  return [
    stage("commit", { rate: perSecond(grown("commits")), lag_ms: mean(grown("commitSeconds"), grown("commits")) }),
    stage("outbox", { backlog: tables?.rows ?? null }),
    stage("stream", { lag_ms: tables?.relayLagMs ?? null, backlog: tables?.beforeTopic ?? null }),
    // A relay is a function: the counter of its events is in CloudWatch, and in no process that is read here.
    stage("relay", { lag_ms: tables?.relayedMs ?? null, backlog: tables?.parked ?? null }),
    stage("topic", { rate: perSecond(arrived ?? 0), backlog: tables?.undelivered ?? null }),
    stage("queues", { rate: perSecond(grown("deliveries")), lag_ms: tables?.oldestQueuedMs ?? null, backlog: queued }),
    stage("inboxes", {
      rate: perSecond(grown("handled")),
      lag_ms: mean(grown("handledLagSeconds"), grown("handled")),
      backlog: tables?.dead ?? null,
    }),
    stage("waiters", {
      rate: perSecond(grown("answeredCustomers")),
      lag_ms: mean(grown("waitSeconds"), grown("answeredCustomers")),
      backlog: now.waitingCallers,
    }),
  ];
}

const unknown = { rate: null, lag_ms: null, backlog: null };

const stage = (name: StageName, figures: Partial<Stage>): Stage => ({ stage: name, ...unknown, ...figures });

/** Messages in the subscribers' queues, received ones included. */
export const queuedIn = ({ queues }: Snapshot): number =>
  queues.reduce((sum, { waiting, inHand }) => sum + waiting + inHand, 0);

/**
 * Events under way that no queue has yet, by the last status; a lower bound if only a sample was read. 0 if all rows were read
 * and none is under way; null if the sample shows none, or there is no status yet.
 */
export function beforeTopic(status: StatusReport | undefined): number | null {
  return tablesOf(status)?.beforeTopic ?? null;
}

function tablesOf(status: StatusReport | undefined) {
  if (status === undefined) return undefined;
  const { outboxes, queues } = status;
  const atRelay = outboxes.filter(({ lagging }) => lagging === "relay");
  const atSubscriber = outboxes.filter(({ lagging }) => lagging === "subscriber");
  const times = outboxes.flatMap(({ relayedMs }) => relayedMs ?? []);
  // The sample of a large outbox shows a part of the events under way, and may show none of them.
  const isPart = outboxes.some(({ rows, sampled }) => sampled < rows);
  const none = isPart ? null : 0;
  return {
    rows: sum(outboxes.map(({ rows }) => rows)),
    beforeTopic: atRelay.length === 0 ? none : sum(atRelay.map(({ underWay }) => underWay)),
    relayLagMs: atRelay.length === 0 ? none : Math.max(...atRelay.map(({ lagMs }) => lagMs)),
    relayedMs: times.length === 0 ? null : Math.max(...times),
    parked: sum(outboxes.map(({ parked }) => parked.rows)),
    undelivered: sum(queues.map(({ undelivered }) => undelivered)),
    dead: sum(queues.map(({ dead }) => dead)),
    oldestQueuedMs: atSubscriber.length === 0 ? none : Math.max(...atSubscriber.map(({ lagMs }) => lagMs)),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
