import type { SQSEvent } from "aws-lambda";
import { z } from "zod";
import { delivery } from "./delivery.fixture.ts";
import { createOutbox, defineEvent, fromWire, lambdaConsumer, on, poll, subscriber } from "./index.ts";
import { FakeAws, FakeFunction, hostQueue, VirtualTime } from "./testing/index.ts";

const Noted = defineEvent("Noted", { version: 1, schema: z.object({ text: z.string() }) });

/** A queue of a fake, which hands out several messages of a group at once, and readers who note what they handle. */
export class Readers {
  readonly time = new VirtualTime();
  readonly aws = new FakeAws({
    time: this.time,
    latency: [0, 0],
    tables: { inbox: { key: { partition: { name: "message", type: "S" } } } },
    queues: {
      "readers.fifo": { fifo: true, deadLetter: { queue: "dead.fifo", maxReceiveCount: 100 } },
      "dead.fifo": { fifo: true },
    },
  });
  readonly clock = this.aws.process("reader").clock;
  readonly clients = this.aws.clients();
  readonly queue = this.aws.sqs.queue("readers.fifo");
  readonly handled: string[] = [];
  readonly subscriber = subscriber("readers", this.#outbox(), [
    on(Noted, async (message) => {
      this.handled.push(message.data.text);
      return message.commit({});
    }),
  ]);

  send(text: string, group: string, attributes = {}): void {
    this.queue.send({ body: delivery({ data: { text } }).body, group, deduplicationId: text, attributes });
  }

  /** The texts of what is dead-lettered, in order. */
  dead(): string[] {
    const { messages } = this.aws.sqs.queue("dead.fifo");
    return messages.map(({ body }) => (fromWire(body).data as { text: string }).text);
  }

  /** True when the queue is empty in the end. */
  async consume(how: Consumer): Promise<boolean> {
    const stop = new AbortController();
    how(this, stop.signal);
    const emptied = await this.time.pass(() => this.queue.messages.length === 0, 60_000);
    stop.abort();
    return emptied;
  }

  #outbox() {
    const tables = { outbox: "outbox", inbox: "inbox" };
    return createOutbox({ client: this.clients.documents, source: "/notebook", tables, clock: this.clock });
  }
}

type Consumer = (readers: Readers, signal: AbortSignal) => void;

const polled: Consumer = ({ aws, clock, clients, subscriber }, signal) => {
  const deadLetters = { queueUrl: aws.queueUrl("dead.fifo") };
  void poll(subscriber, { client: clients.sqs, queueUrl: aws.queueUrl("readers.fifo"), deadLetters, signal, clock });
};

const byLambdaConsumer: Consumer = ({ aws, time, clock, clients, queue, subscriber }, signal) => {
  const deadLetters = { client: clients.sqs, queueUrl: aws.queueUrl("dead.fifo") };
  const reader = new FakeFunction<SQSEvent>({
    name: "reader",
    time,
    faults: aws.faults,
    newProcess: (name) => aws.process(name),
    load: () => lambdaConsumer(subscriber, { deadLetters }),
  });
  void hostQueue({ queue, function: reader, clock, visibilityTimeout: 60, signal });
};

/** For a test that must hold for both. */
export const consumers = [
  ["polled", polled],
  ["by a Lambda consumer", byLambdaConsumer],
] as const;
