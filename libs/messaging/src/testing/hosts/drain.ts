import { type RelayOptions, relay } from "../../relay/index.ts";
import type { Settlement, Subscriber } from "../../subscriber/index.ts";
import type { FakeAws } from "../fake-aws.ts";
import type { FakeQueue } from "../sqs/fake-queue.ts";
import type { FakeStream } from "../streams/fake-stream.ts";
import type { Shard, StreamedRecord } from "../streams/shard.ts";
import { VirtualTime } from "../time/virtual-time.ts";

export interface DrainOptions {
  /** The outboxes to publish: table, name of the topic, CloudEvents source. */
  readonly relays: readonly ({
    readonly table: string;
    readonly topic: string;
    readonly source: string;
  } & Pick<RelayOptions, "parking" | "onParked" | "onTrouble">)[];
  /** Subscribers by the names of their queues. */
  readonly subscribers: Readonly<Record<string, Subscriber>>;
  /** Maximum of the fake's time, in milliseconds. Default 60,000. */
  readonly limitMs?: number;
}

/**
 * Delivers all committed events: through relays, topics and queues to the subscribers, and likewise the events that these
 * commit. Returns the settlements in order, when no event is under way any more. Each record is relayed once, by the first
 * call.
 *
 * ```ts
 * await outbox.commit({ aggregate: "note#1", save, events: [Noted({ text: "milk" })] });
 * const settlements = await drain(aws, {
 *   relays: [{ table: "notes-outbox", topic: "notes-events.fifo", source: "/notes" }],
 *   subscribers: { "readers.fifo": readers },
 * });
 * ```
 *
 * @throws a handler's error, whose message stays in the queue for the next call; an error when the limit has passed.
 */
export async function drain(aws: FakeAws, options: DrainOptions): Promise<Settlement[]> {
  const { limitMs = 60_000 } = options;
  let isOver = false;
  const draining = untilQuiet(aws, options, aws.time.now() + limitMs).finally(() => {
    isOver = true;
  });
  if (aws.time instanceof VirtualTime) {
    draining.catch(() => undefined); // reported below, after the time has ended
    await aws.time.pass(() => isOver, limitMs + pauseMs);
  }
  return draining;
}

/** Milliseconds between two checks of the queues. */
const pauseMs = 5;

async function untilQuiet(aws: FakeAws, options: DrainOptions, deadline: number): Promise<Settlement[]> {
  const settlements: Settlement[] = [];
  const { sns } = aws.clients();
  const { clock } = aws.process("relay");
  const relays = options.relays.map(({ table, topic, parking, ...rest }) => ({
    stream: aws.stream(table),
    publish: relay({
      client: sns,
      topicArn: aws.sns.topic(topic).arn,
      ...(parking && { parking: { clock, ...parking } }),
      ...rest,
    }),
  }));
  const queues = Object.entries(options.subscribers).map(([name, subscriber]) => ({
    queue: aws.sqs.queue(name),
    subscriber,
  }));
  const topics = options.relays.map(({ topic }) => aws.sns.topic(topic));
  for (;;) {
    for (const { stream, publish } of relays) await publishNext(stream, publish);
    for (const { queue, subscriber } of queues) settlements.push(...(await handleNext(queue, subscriber)));
    const unread = relays.some(({ stream }) => stream.shards.some((shard) => unreadOf(stream, shard) > 0));
    if (
      !unread &&
      topics.every(({ underway }) => underway === 0) &&
      queues.every(({ queue }) => queue.messages.length === 0)
    ) {
      return settlements;
    }
    if (aws.time.now() >= deadline)
      throw new Error("Something is still on its way, or hidden in a queue, after the limit.");
    await new Promise<void>((resolve) => aws.time.after(pauseMs, resolve));
  }
}

/** Sequence number up to which each shard is relayed. */
const relayed = new WeakMap<Shard, number>();

function unreadOf(stream: FakeStream, shard: Shard): number {
  return shard.records.length - stream.position(shard, relayed.get(shard)).next;
}

/** Parents are read to their end before their children, which continue with the same keys. */
async function publishNext(stream: FakeStream, publish: ReturnType<typeof relay>): Promise<void> {
  for (const shard of stream.shards) {
    if (shard.parents.some((parent) => unreadOf(stream, parent) > 0)) continue;
    const records = readable(stream, shard);
    if (records.length === 0) continue;
    const unlimited = { getRemainingTimeInMillis: () => 60_000 };
    const { batchItemFailures } = await publish({ Records: records.map(({ record }) => record) }, unlimited);
    const last = lastThrough(records, batchItemFailures[0]?.itemIdentifier);
    if (last !== undefined) relayed.set(shard, last.sequence);
  }
}

function readable(stream: FakeStream, shard: Shard): StreamedRecord[] {
  try {
    return stream.read(stream.position(shard, relayed.get(shard)), 100).records;
  } catch (error) {
    // A fault of the fake. The next check takes a new iterator.
    if (error instanceof Error && error.name === "ExpiredIteratorException") return [];
    throw error;
  }
}

function lastThrough(records: readonly StreamedRecord[], failed: string | undefined): StreamedRecord | undefined {
  if (failed === undefined) return records.at(-1);
  return records.findLast(({ sequence }) => sequence < Number(failed));
}

async function handleNext(queue: FakeQueue, subscriber: Subscriber): Promise<Settlement[]> {
  const settlements: Settlement[] = [];
  const received = queue.receive(10);
  for (const [index, { Body = "", Attributes = {}, ReceiptHandle }] of received.entries()) {
    const { ApproximateReceiveCount, SentTimestamp } = Attributes;
    try {
      const delivery = { body: Body, receiveCount: Number(ApproximateReceiveCount), sentAt: Number(SentTimestamp) };
      settlements.push(await subscriber.handle(delivery));
      queue.delete(ReceiptHandle);
    } catch (error) {
      for (const message of received.slice(index).reverse()) queue.changeVisibility(message.ReceiptHandle, 0);
      throw error;
    }
  }
  return settlements;
}
