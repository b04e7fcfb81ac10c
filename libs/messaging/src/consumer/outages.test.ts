import { expect, test } from "vitest";
import { Readers } from "../../test/fixtures/readers-on-a-fake.fixture.ts";
import { type PollTrouble, poll } from "../index.ts";

const away = Object.assign(new Error("connect"), { code: "ECONNREFUSED", $metadata: {} });
const mistake = new TypeError("Cannot read properties of undefined");

/** Polls one message. The first reads of the index of blocked groups end with the scripted errors, in order. */
async function pollWith(script: readonly Error[]) {
  const errors = [...script];
  const { time, aws, clock, clients, queue, subscriber } = new Readers();
  clients.documents.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const error = commandName === "BatchGetItemCommand" ? errors.shift() : undefined;
        if (error !== undefined) throw error;
        return next(args);
      },
    { step: "initialize", priority: "high" },
  );
  queue.send({ body: "{", group: "note#1", deduplicationId: "1" });
  const troubles: PollTrouble[] = [];
  const stop = new AbortController();
  const ended = poll(subscriber, {
    client: clients.sqs,
    queueUrl: aws.queueUrl("readers.fifo"),
    deadLetters: { queueUrl: aws.queueUrl("dead.fifo") },
    clock,
    signal: stop.signal,
    onTrouble: (trouble) => troubles.push(trouble),
  }).then(
    () => "stopped",
    (error: unknown) => error,
  );
  const moved = await time.pass(() => aws.sqs.queue("dead.fifo").messages.length > 0, 60_000);
  stop.abort();
  await time.pass(() => false, 60_000);
  return { ended: await ended, moved, kinds: troubles.map(({ kind }) => kind) };
}

test("a call that needs an answer is repeated through an outage", async () => {
  expect(await pollWith([away, away])).toEqual({ ended: "stopped", moved: true, kinds: ["outage", "outage", "dead"] });
});

test("a mistake is not asked for again: the poll ends with it", async () => {
  expect(await pollWith([away, mistake])).toEqual({ ended: mistake, moved: false, kinds: ["outage"] });
});
