import { expect, test } from "vitest";
import { type PollTrouble, poll } from "./index.ts";
import { Readers } from "./readers-on-a-fake.fixture.ts";

const away = Object.assign(new Error("connect"), { code: "ECONNREFUSED", $metadata: {} });
const mistake = new TypeError("Cannot read properties of undefined");

/** Polls one message, and is asked for the markers of blocked groups what the script says, one answer after the other. */
async function pollWith(script: readonly (Error | undefined)[]) {
  const answers = [...script];
  const { time, aws, clock, clients, queue, subscriber } = new Readers();
  const among = async () => {
    const answer = answers.shift();
    if (answer !== undefined) throw answer;
    return new Map();
  };
  queue.send({ body: "{", group: "note#1", deduplicationId: "1" });
  const troubles: PollTrouble[] = [];
  const stop = new AbortController();
  const ended = poll(
    {
      ...subscriber,
      blockedGroups: { among, block: async () => undefined, raise: async () => "released" },
    },
    {
      client: clients.sqs,
      queueUrl: aws.queueUrl("readers.fifo"),
      deadLetters: { queueUrl: aws.queueUrl("dead.fifo") },
      clock,
      signal: stop.signal,
      onTrouble: (trouble) => troubles.push(trouble),
    },
  ).then(
    () => "stopped",
    (error: unknown) => error,
  );
  const moved = await time.pass(() => aws.sqs.queue("dead.fifo").messages.length > 0, 60_000);
  stop.abort();
  await time.pass(() => false, 60_000);
  return { ended: await ended, moved, kinds: troubles.map(({ kind }) => kind) };
}

test("what must not go on without an answer is asked again through an outage", async () => {
  expect(await pollWith([away, away])).toEqual({ ended: "stopped", moved: true, kinds: ["outage", "outage", "dead"] });
});

test("a mistake is not asked for again: the poll ends with it", async () => {
  expect(await pollWith([away, mistake])).toEqual({ ended: mistake, moved: false, kinds: ["outage"] });
});
