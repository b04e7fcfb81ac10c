import type { SQSEvent } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { delivery } from "./delivery.fixture.ts";
import { createOutbox, defineEvent, fromWire, lambdaConsumer, on, poll, subscriber } from "./index.ts";
import { FakeAws, FakeFunction, hostQueue, VirtualTime } from "./testing/index.ts";

const Noted = defineEvent("Noted", { version: 1, schema: z.object({ text: z.string() }) });

/** Two messages of a group, the first of which has been handed out as often as the queue tells, and one of another. */
async function openQueue(receives: number) {
  const time = new VirtualTime();
  const aws = new FakeAws({
    time,
    latency: [0, 0],
    tables: { inbox: { key: { partition: { name: "message", type: "S" } } } },
    queues: {
      "readers.fifo": { fifo: true, deadLetter: { queue: "dead.fifo", maxReceiveCount: 100 } },
      "dead.fifo": { fifo: true },
    },
  });
  const queue = aws.sqs.queue("readers.fifo");
  for (const [text, group] of Object.entries({ a: "note#1", b: "note#1", x: "note#2" })) {
    queue.send({ body: delivery({ data: { text } }).body, group, deduplicationId: text });
  }
  const [first] = queue.messages;
  if (first !== undefined) Object.assign(first, { receiveCount: receives });
  const { clock } = aws.process("reader");
  const { documents, sqs } = aws.clients();
  const handled: string[] = [];
  const tables = { outbox: "outbox", inbox: "inbox" };
  const outbox = createOutbox({ client: documents, source: "/notebook", tables, clock });
  const readers = subscriber("readers", outbox, [
    on(Noted, async (message) => {
      handled.push(message.data.text);
      return message.commit({});
    }),
  ]);
  return { aws, time, clock, sqs, queue, readers, handled };
}

type Open = Awaited<ReturnType<typeof openQueue>>;

function pollIt({ aws, clock, sqs, readers }: Open, signal: AbortSignal): void {
  const deadLetters = { queueUrl: aws.queueUrl("dead.fifo") };
  void poll(readers, { client: sqs, queueUrl: aws.queueUrl("readers.fifo"), deadLetters, signal, clock });
}

function invokeOnIt({ aws, time, clock, sqs, queue, readers }: Open, signal: AbortSignal): void {
  const deadLetters = { client: sqs, queueUrl: aws.queueUrl("dead.fifo") };
  const reader = new FakeFunction<SQSEvent>({
    name: "reader",
    time,
    faults: aws.faults,
    newProcess: (name) => aws.process(name),
    load: () => lambdaConsumer(readers, { deadLetters }),
  });
  void hostQueue({ queue, function: reader, clock, visibilityTimeout: 60, signal });
}

const consumers = [
  ["polled", pollIt],
  ["by a Lambda consumer", invokeOnIt],
] as const;

async function consumed(consume: (typeof consumers)[number][1], receives: number) {
  const opened = await openQueue(receives);
  const { aws, time, queue, handled } = opened;
  const stop = new AbortController();
  consume(opened, stop.signal);
  expect(await time.pass(() => queue.messages.length === 0, 60_000)).toBe(true);
  stop.abort();
  const dead = aws.sqs.queue("dead.fifo").messages;
  return { handled: handled.toSorted(), dead: dead.map(({ body }) => (fromWire(body).data as { text: string }).text) };
}

describe("what kills whoever handles it is dead-lettered, with those behind it, before its queue would take it out alone", () => {
  test.each(consumers)("%s", async (_, consume) => {
    expect(await consumed(consume, 90)).toEqual({ handled: ["x"], dead: ["a", "b"] });
  });

  test.each(consumers)("and not before: %s", async (_, consume) => {
    expect(await consumed(consume, 89)).toEqual({ handled: ["a", "b", "x"], dead: [] });
  });
});
