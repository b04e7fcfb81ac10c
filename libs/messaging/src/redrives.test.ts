import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { SQSEvent } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { delivery } from "./delivery.fixture.ts";
import { blockedKey, createOutbox, defineEvent, fromWire, lambdaConsumer, on, poll, subscriber } from "./index.ts";
import { FakeAws, FakeFunction, hostQueue, VirtualTime } from "./testing/index.ts";

const Noted = defineEvent("Noted", { version: 1, schema: z.object({ text: z.string() }) });
const [group, maxAttempts] = ["note#1", 10];

/** A blocked group, its marker naming a second run, and the messages of both runs in the queue. Of a fake, which hands out several of a group at once. */
async function openRuns() {
  const time = new VirtualTime();
  const aws = new FakeAws({
    time,
    latency: [0, 0],
    tables: { inbox: { key: { partition: { name: "message", type: "S" } } } },
    queues: { "readers.fifo": { fifo: true }, "dead.fifo": { fifo: true } },
  });
  const { documents, sqs } = aws.clients();
  const { clock } = aws.process("reader");
  const marker = { message: blockedKey("readers", group), upTo: "", redrive: "second" };
  const tally = { message: blockedKey("readers", ""), count: 1, spell: "the first" };
  for (const Item of [marker, tally]) await documents.send(new PutCommand({ TableName: "inbox", Item }));
  for (const [text, run] of Object.entries({ a: "first", b: "second", c: "second" })) {
    const { body } = delivery({ data: { text } });
    const attributes = { redrive: { DataType: "String", StringValue: run } };
    aws.sqs.queue("readers.fifo").send({ body, group, deduplicationId: text, attributes });
  }
  const handled: string[] = [];
  const outbox = createOutbox({
    client: documents,
    source: "/notebook",
    tables: { outbox: "outbox", inbox: "inbox" },
    clock,
  });
  const readers = subscriber("readers", outbox, [
    on(Noted, async (message) => {
      handled.push(message.data.text);
      return message.commit({});
    }),
  ]);
  return { aws, time, clock, sqs, readers, handled };
}

type Runs = Awaited<ReturnType<typeof openRuns>>;

function pollRuns({ aws, clock, sqs, readers }: Runs, signal: AbortSignal): void {
  const deadLetters = { queueUrl: aws.queueUrl("dead.fifo"), maxAttempts };
  void poll(readers, { client: sqs, queueUrl: aws.queueUrl("readers.fifo"), deadLetters, signal, clock });
}

function invokeOnRuns({ aws, time, clock, sqs, readers }: Runs, signal: AbortSignal): void {
  const deadLetters = { client: sqs, queueUrl: aws.queueUrl("dead.fifo"), maxAttempts };
  const reader = new FakeFunction<SQSEvent>({
    name: "reader",
    time,
    faults: aws.faults,
    newProcess: (name) => aws.process(name),
    load: () => lambdaConsumer(readers, { deadLetters }),
  });
  const queue = aws.sqs.queue("readers.fifo");
  void hostQueue({ queue, function: reader, clock, visibilityTimeout: 60, signal });
}

describe("messages left over of an earlier run end the run under way, and its own do not overtake them", () => {
  test.each([
    ["polled", pollRuns],
    ["by a Lambda consumer", invokeOnRuns],
  ])("%s", async (_, consume) => {
    const runs = await openRuns();
    const { aws, time, handled } = runs;
    const stop = new AbortController();
    consume(runs, stop.signal);
    await time.pass(() => aws.sqs.queue("readers.fifo").messages.length === 0, 60_000);
    const dead = aws.sqs.queue("dead.fifo").messages.map(({ body }) => fromWire(body).data);
    stop.abort();
    expect(aws.faults.counts.get("several of a group received")).toBeDefined();
    expect(handled).toEqual([]);
    expect(dead).toEqual([{ text: "a" }, { text: "b" }, { text: "c" }]);
  });
});
