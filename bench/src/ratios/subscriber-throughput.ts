import { randomUUID } from "node:crypto";
import {
  DeleteMessageBatchCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { on, poll, subscriber } from "@doubleshot/messaging";
import { compared, message, Noted, type Ratio, type RatioHarness, tables, timed } from "./harness.ts";

/** Enough messages that work done once in a round weighs as little as in production, where it is done twice a second. */
const messages = { Unheard: 1_800, Noted: 900 };
/** Rounds where only calls are compared. Those rounds are short, so other load on the machine weighs more in each. */
const roundsOfCalls = 51;
const poisonedPrefix = "note#poisoned-";
/** Messages that the plain loop handles at once: `poll`'s default. Without a bound, calls wait for a socket until they time out. */
const concurrency = 64;

/**
 * Compares the subscriber with a loop that receives messages and deletes them in batches:
 * - transport  messages without a handler, so both sides only receive and delete
 * - plain      the same, without the read of blocked groups
 * - effects    one transaction for each message on both sides
 */
export async function subscriberThroughput(harness: RatioHarness) {
  const { transport, plain } = await compared(
    async () => receivedMs(harness, await fill(harness, "Unheard"), async () => undefined),
    {
      transport: async () => polledMs(harness, await fill(harness, "Unheard"), { ordered: true }),
      plain: async () => polledMs(harness, await fill(harness, "Unheard"), { ordered: false }),
    },
    roundsOfCalls,
  );
  const { effects } = await compared(
    async () => receivedMs(harness, await fill(harness, "Noted"), (each) => handleBare(harness, each)),
    { effects: async () => polledMs(harness, await fill(harness, "Noted"), { ordered: true }) },
  );
  return { transport, effects, plain };
}

/**
 * Compares the rate of all other groups beside one whose messages go to the dead-letter queue with their rate in a
 * subscriber without blocked groups. The blocked group has twice the messages of any other.
 */
export async function poisonedConsumer(harness: RatioHarness): Promise<Ratio> {
  const { disturbed } = await compared(
    async () => polledBesidePoisonMs(harness, "undisturbed", await fill(harness, "Noted")),
    { disturbed: async () => polledBesidePoisonMs(harness, "disturbed", await fill(harness, "Noted", { poison: 2 })) },
  );
  return disturbed;
}

/** Fills the queue with poison and other messages, each of the others with its own aggregate. Returns the number of others. */
async function fill(
  { clients, queueUrl }: RatioHarness,
  type: keyof typeof messages,
  { poison = 0 } = {},
): Promise<number> {
  const poisonedAggregate = `${poisonedPrefix}${randomUUID()}`;
  const subjects = Array.from({ length: messages[type] + poison }, (_, index) =>
    index < poison ? poisonedAggregate : `note#${randomUUID()}`,
  );
  for (let start = 0; start < subjects.length; start += 10) {
    const Entries = subjects.slice(start, start + 10).map((subject, index) => {
      const id = randomUUID();
      const MessageBody = message(id, subject, type);
      return { Id: String(index), MessageBody, MessageGroupId: subject, MessageDeduplicationId: id };
    });
    await clients.sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
  return messages[type];
}

/** Returns the milliseconds of a plain loop: receive, handle the messages, delete them in one call. */
function receivedMs(
  { clients, queueUrl }: RatioHarness,
  count: number,
  handle: (message: Message) => Promise<unknown>,
): Promise<number> {
  return timed(async () => {
    const handling = new Set<Promise<unknown>>();
    for (let done = 0; done < count; ) {
      const { Messages = [] } = await clients.longPolls.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 }),
      );
      done += Messages.length;
      const handled = handleAll(Messages).finally(() => handling.delete(handled));
      handling.add(handled);
      while (handling.size > concurrency / 10 - 1) await Promise.race(handling);
    }
    await Promise.all(handling);
  });

  async function handleAll(all: readonly Message[]): Promise<void> {
    await Promise.all(all.map(handle));
    const Entries = all.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

/** Writes the same transaction as the library's commit in the handler below. */
async function handleBare({ clients }: RatioHarness, { Body = "" }: Message): Promise<void> {
  const { id, type, source, time, data } = JSON.parse(Body);
  const inbox = { message: `bare#${id}`, type, source, publishedAt: time, attempts: 1, handledAt: time, expiresAt: 1 };
  await clients.documents.send(
    new TransactWriteCommand({
      TransactItems: [
        {
          Put: {
            TableName: tables.inbox,
            Item: inbox,
            ConditionExpression: "attribute_not_exists(#message)",
            ExpressionAttributeNames: { "#message": "message" },
          },
        },
        { Put: { TableName: tables.notes, Item: { id, ...data } } },
      ],
    }),
  );
}

/** Returns the milliseconds until a subscriber has handled and deleted `count` messages. */
async function polledMs(harness: RatioHarness, count: number, { ordered }: { ordered: boolean }): Promise<number> {
  const { deleted, stopped } = polling(harness, count, { ordered, name: "readers" });
  const elapsedMs = await timed(() => deleted);
  await stopped;
  return elapsedMs;
}

/** Returns the milliseconds until the other messages are handled. Then it purges the poison that is left in the queue. */
async function polledBesidePoisonMs(harness: RatioHarness, name: string, count: number): Promise<number> {
  const { handled, stopped } = polling(harness, count, { ordered: true, name });
  const elapsedMs = await timed(() => handled);
  await stopped;
  await harness.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: harness.queueUrl }));
  return elapsedMs;
}

/**
 * Starts a poll that stops when `count` messages are handled. Its last receive ends seconds later, so that `stopped` is no
 * measure of its rate.
 */
function polling(
  { clients, outbox, queueUrl, deadLetterUrl }: RatioHarness,
  count: number,
  { ordered, name }: { ordered: boolean; name: string },
): Record<"handled" | "deleted" | "stopped", Promise<void>> {
  const readers = subscriber(name, outbox, [
    on(Noted, async (noted) => {
      if (noted.subject.startsWith(poisonedPrefix)) throw new Error("cannot be read");
      return noted.commit({ writes: [{ Put: { TableName: tables.notes, Item: { id: noted.id, ...noted.data } } }] });
    }),
  ]);
  const stop = new AbortController();
  const handled = countdown(count, () => stop.abort());
  const deleted = countdown(count);
  const stopped = poll(readers, {
    client: watchDeletions(clients.longPolls, deleted.less),
    queueUrl,
    signal: stop.signal,
    ...(ordered && { deadLetters: { queueUrl: deadLetterUrl, maxAttempts: 1 } }),
    onSettled: () => handled.less(1),
  });
  return { handled: handled.over, deleted: deleted.over, stopped };
}

/** `over` resolves when `less` has taken all of `count`. */
function countdown(count: number, onEnd = () => {}): { less: (by: number) => void; over: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  const less = (by: number) => {
    left -= by;
    if (left > 0) return;
    onEnd();
    resolve();
  };
  return { less, over: promise };
}

/** Reports the number of messages of each deletion that was answered. */
function watchDeletions(client: SQSClient, onDeleted: (count: number) => void): SQSClient {
  const send = async (command: DeleteMessageBatchCommand, options?: object) => {
    const answer = await client.send(command, options);
    if (command instanceof DeleteMessageBatchCommand) onDeleted(command.input.Entries?.length ?? 0);
    return answer;
  };
  return Object.assign(Object.create(client), { send }) as SQSClient;
}
