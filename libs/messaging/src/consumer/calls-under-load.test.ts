import type { DeleteMessageBatchCommandInput, Message } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { delivery } from "../../test/fixtures/delivery.fixture.ts";
import { Noted } from "../../test/fixtures/notes.fixture.ts";
import { createOutbox, ignore, on, poll, subscriber } from "../index.ts";
import { realClock } from "../runtime/clock.ts";
import { FakeAws, VirtualTime } from "../testing/index.ts";
import { Deletions } from "./deletions.ts";
import { Outages } from "./outages.ts";

test("a consumer at its maximum receives eight messages a call, although they end one after another", async () => {
  const time = new VirtualTime();
  const aws = new FakeAws({
    time,
    latencyMs: [1, 1],
    tables: { inbox: { key: { partition: { name: "message", type: "S" } } } },
    queues: { "readers.fifo": { fifo: true } },
  });
  const { documents, sqs } = aws.clients();
  const { clock } = aws.process("reader");
  const calls: (string | undefined)[] = [];
  sqs.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        calls.push(commandName);
        return next(args);
      },
    { step: "initialize", priority: "high" },
  );
  const queue = aws.sqs.queue("readers.fifo");
  for (let note = 0; note < 200; note++) {
    const { body } = delivery({ data: { text: "milk" } });
    queue.send({ body, group: `note#${note}`, deduplicationId: String(note) });
  }
  const tables = { outbox: "outbox", inbox: "inbox" };
  const outbox = createOutbox({ client: documents, source: "/notes", tables, clock });
  let handled = 0;
  const readers = subscriber("readers", outbox, [
    on(Noted, async () => {
      await clock.sleep(20 * ++handled);
      return ignore("read");
    }),
  ]);
  const stop = new AbortController();
  void poll(readers, {
    client: sqs,
    queueUrl: aws.queueUrl("readers.fifo"),
    signal: stop.signal,
    waitSeconds: 20,
    clock,
  });
  expect(await time.pass(() => queue.messages.length === 0, 60_000)).toBe(true);
  stop.abort();
  const receives = calls.filter((name) => name === "ReceiveMessageCommand");
  // Six of ten messages, 18 of eight or fewer, and the long poll at the end.
  expect(receives).toHaveLength(25);
});

test("a single message is deleted at once, and those after it ten a call, or at the end of a call", async () => {
  const calls: { readonly entries: number; readonly answer: () => void }[] = [];
  const { sqs: client } = new FakeAws({ tables: {} }).clients();
  client.middlewareStack.add(
    () => async (args) => {
      const { Entries = [] } = args.input as DeleteMessageBatchCommandInput;
      await new Promise<void>((answer) => calls.push({ entries: Entries.length, answer }));
      return { output: { $metadata: {}, Successful: [], Failed: [] }, response: {} };
    },
    { step: "initialize", priority: "high" },
  );
  const outages = new Outages({ clock: realClock, signal: new AbortController().signal, onOutage: () => undefined });
  const deletions = new Deletions({ client, queueUrl: "http://127.0.0.1/q", outages });
  const remove = async (count: number) => {
    const messages = Array.from({ length: count }, (): Message => ({ ReceiptHandle: "r" }));
    for (const message of messages) void deletions.delete(message);
    await new Promise(setImmediate);
  };
  const entries = () => calls.map((call) => call.entries);

  await remove(1);
  expect(entries()).toEqual([1]);
  await remove(9);
  expect(entries()).toEqual([1]);
  await remove(1);
  expect(entries()).toEqual([1, 10]);
  await remove(12);
  expect(entries()).toEqual([1, 10]);
  calls[0]?.answer();
  await expect.poll(entries, { interval: 1 }).toEqual([1, 10, 10]);
  calls[1]?.answer();
  calls[2]?.answer();
  await expect.poll(entries, { interval: 1 }).toEqual([1, 10, 10, 2]);
});
