import { delivery } from "../../../test/fixtures/delivery.fixture.ts";
import { Noted } from "../../../test/fixtures/notes.fixture.ts";
import { createOutbox, on, poll, subscriber } from "../../index.ts";
import { FakeAws } from "../index.ts";

// A separate process, like a script with the fake. It prints the resources that would keep it alive after the end of its poll.

const aws = new FakeAws({
  tables: { inbox: { key: { partition: { name: "message", type: "S" } } } },
  queues: { "readers.fifo": { fifo: true } },
});
const { documents, sqs } = aws.clients();
const outbox = createOutbox({ client: documents, source: "/notes", tables: { outbox: "outbox", inbox: "inbox" } });
const stop = new AbortController();
const scenarios: Record<string, { handlerTimeoutMs: number; handler?: () => Promise<never> }> = {
  "a poll that waited": { handlerTimeoutMs: 60_000 },
  "a poll that gave a message back": { handlerTimeoutMs: 60_000, handler: () => Promise.reject(new Error("not now")) },
  "a poll with a handler that timed out": { handlerTimeoutMs: 1, handler: () => new Promise(() => undefined) },
};
const { handlerTimeoutMs, handler } = scenarios[process.argv[2] ?? ""] ?? { handlerTimeoutMs: 1 };

const readers = subscriber("readers", outbox, [on(Noted, handler ?? ((message) => message.commit({})))], {
  handlerTimeoutMs,
});
aws.sqs
  .queue("readers.fifo")
  .send({ body: delivery({ data: { text: "milk" } }).body, group: "g", deduplicationId: "1" });
await poll(readers, {
  client: sqs,
  queueUrl: aws.queueUrl("readers.fifo"),
  signal: stop.signal,
  onSettled: () => setImmediate(() => stop.abort()),
  onTrouble: () => setImmediate(() => stop.abort()),
});
const alive = process.getActiveResourcesInfo().filter((resource) => resource === "Timeout");
process.stdout.write(JSON.stringify(alive), () => process.exit());
