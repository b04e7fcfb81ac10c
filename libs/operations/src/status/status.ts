import { inboxKey, inboxRecord } from "@doubleshot/messaging/operations";
import { batchGet, physicalName, queueUrl } from "@doubleshot/topology";
import { type OutboxHead, outboxHeads } from "../audit/outbox-heads.ts";
import { ReadUnits, tableSize } from "../audit/read-units.ts";
import { type Undelivered, undeliveredAmong } from "../audit/undelivered.ts";
import { parkedAggregates } from "../parked/parked-rows.ts";
import type { OutboxResources, Shop } from "../shop.ts";
import { queueCount } from "./queue-count.ts";

export interface OutboxStatus {
  readonly outbox: string;
  /** By DynamoDB's own count, which is up to six hours old. */
  readonly rows: number;
  /** Rows that were read for the other figures; fewer than there are when the table is large. */
  readonly sampled: number;
  /** RFC 3339: the newest of these rows. */
  readonly newest?: string;
  /** From the commit of the newest handled row to its arrival in the queue, and on to its handling. */
  readonly relayedMs?: number;
  readonly handledMs?: number;
  /** Events not yet handled that are neither parked nor dead. */
  readonly underWay: number;
  /** Age of the oldest of them; 0 when there is none. */
  readonly lagMs: number;
  /** The place where they wait, by the count of the subscribers' queues. */
  readonly lagging?: "relay" | "subscriber";
  readonly parked: { readonly aggregates: number; readonly rows: number };
  /** Batches that the stream mapping gave up on. */
  readonly failedBatches: number;
}

export interface QueueStatus {
  readonly subscriber: string;
  readonly queue: string;
  readonly waiting: number;
  readonly inHand: number;
  readonly dead: number;
  readonly undelivered: number;
  /** Since the commit of the oldest event that the subscriber has not handled, dead ones included, parked ones not; 0: none. */
  readonly oldestMs: number;
}

export interface StatusReport {
  readonly outboxes: readonly OutboxStatus[];
  readonly queues: readonly QueueStatus[];
  readonly readUnits: number;
}

/**
 * Reports the state of the shop. Rows are never marked as sent, so the lag is computed: the age of the oldest event in the
 * outbox that has no inbox row and is neither parked nor dead. An outbox is hashed by aggregate and has no index by time, which
 * would be a hot partition. Large outboxes are sampled evenly (`sample` rows).
 */
export async function status(shop: Shop, { sample = 2_000, now = Date.now() } = {}): Promise<StatusReport> {
  const readUnits = new ReadUnits();
  const parked = await parkedAggregates(shop);
  const counts = new Map(await Promise.all(queueNames(shop).map((name) => countOf(shop, name))));
  const count = (name: string | undefined) => counts.get(name ?? "") ?? { waiting: 0, inHand: 0 };
  const pending: Undelivered[] = [];

  const outboxes: OutboxStatus[] = [];
  for (const outbox of shop.outboxes) {
    const sampled = await readSample(shop, outbox, sample, readUnits);
    pending.push(...sampled.undelivered);
    // An event is there once for each of its subscribers, as it is in the queues.
    const waiting = sampled.undelivered.filter(({ held }) => held === "neither");
    const queued = outbox.subscribers.map(({ queue }) => count(queue));
    const inQueues = queued.reduce((sum, { waiting, inHand }) => sum + waiting + inHand, 0);
    const ofOutbox = parked.filter((each) => each.outbox.name === outbox.name && each.marker !== undefined);
    outboxes.push({
      ...sampled.figures,
      underWay: new Set(waiting.map(({ id }) => id)).size,
      lagMs: ageMs(waiting, now),
      ...(waiting.length > 0 && { lagging: inQueues < waiting.length ? "relay" : "subscriber" }),
      parked: { aggregates: ofOutbox.length, rows: ofOutbox.reduce((sum, { rows }) => sum + rows.length, 0) },
      failedBatches: count(outbox.onFailure).waiting,
    });
  }
  const queues = shop.subscribers.map(({ name, queue, deadLetters, undelivered }) => ({
    subscriber: name,
    queue: physicalName(shop.name, queue),
    ...count(queue),
    dead: total(count(deadLetters)),
    undelivered: total(count(undelivered)),
    oldestMs: ageMs(
      pending.filter(({ subscriber, held }) => subscriber === name && held !== "parked"),
      now,
    ),
  }));
  return { outboxes, queues, readUnits: readUnits.total };
}

function queueNames({ outboxes, subscribers }: Shop): string[] {
  const ofSubscribers = subscribers.flatMap(({ queue, deadLetters, undelivered }) => [queue, deadLetters, undelivered]);
  return [...new Set([...outboxes.map(({ onFailure }) => onFailure), ...ofSubscribers])].filter(
    (name) => name !== undefined,
  );
}

async function countOf({ clients, name: shop }: Shop, name: string) {
  return [name, await queueCount(clients, await queueUrl(clients, shop, name))] as const;
}

const total = ({ waiting, inHand }: { waiting: number; inHand: number }): number => waiting + inHand;

/** Parts of a table from which a sample is taken: many for an even spread, few for large pages. */
const sampleSegments = 16;

async function readSample(shop: Shop, outbox: OutboxResources, sample: number, readUnits: ReadUnits) {
  const { clients } = shop;
  const { rows } = await tableSize(clients.dynamodb, outbox.table);
  const heads: OutboxHead[] = [];
  // DynamoDB's count is hours old, so the sample limits the reading even when there seem to be fewer rows.
  const scan = { documents: clients.documents, table: outbox.table, readUnits, sample };
  for await (const page of outboxHeads(rows > sample ? { ...scan, segments: sampleSegments } : scan))
    heads.push(...page);
  heads.sort((a, b) => b.committedAt.localeCompare(a.committedAt));
  const undelivered = await undeliveredAmong(shop, outbox, heads, readUnits);
  const [newest] = heads;
  return {
    undelivered,
    figures: {
      outbox: outbox.table,
      rows: Math.max(rows, heads.length),
      sampled: heads.length,
      ...(newest && { newest: newest.committedAt }),
      ...(await newestDelivery(shop, outbox, heads, new Set(undelivered.map(({ id }) => id)))),
    },
  };
}

/** Returns the times of the newest delivered event, from the inbox row of its first subscriber. */
async function newestDelivery(
  { clients: { documents } }: Shop,
  outbox: OutboxResources,
  newestFirst: readonly OutboxHead[],
  undelivered: ReadonlySet<string>,
): Promise<{ relayedMs: number; handledMs: number } | undefined> {
  for (const { committedAt, events } of newestFirst) {
    for (const { id, type } of events) {
      const subscriber = outbox.subscribers.find(({ handles }) => handles.includes(type));
      if (subscriber === undefined || undelivered.has(id)) continue;
      const keys = [{ message: inboxKey(subscriber.name, id) }];
      const [row] = await batchGet({ documents, table: subscriber.inbox, keys });
      const record = row && inboxRecord(row, outbox.source);
      if (record === undefined) return undefined;
      const [committed, published, handled] = [committedAt, String(record.publishedAt), String(record.handledAt)].map(
        Date.parse,
      ) as [number, number, number];
      return { relayedMs: published - committed, handledMs: handled - published };
    }
  }
  return undefined;
}

function ageMs(events: readonly Undelivered[], now: number): number {
  const [oldest] = events.map(({ committedAt }) => Date.parse(committedAt)).sort((a, b) => a - b);
  return oldest === undefined ? 0 : Math.max(0, now - oldest);
}
