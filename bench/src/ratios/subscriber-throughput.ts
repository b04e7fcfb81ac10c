import { randomUUID } from "node:crypto";
import {
  DeleteMessageBatchCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from "@aws-sdk/client-sqs";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { on, poll, subscriber } from "@doubleshot/messaging";
import { compared, message, Noted, type Ratio, type RatioNotebook, tables, timed } from "./notebook.ts";

/** What is done once in a round, such as the first look for blocked groups, is done twice a second in earnest. */
const messages = { Unheard: 1_800, Noted: 900 };
/** Rounds where only calls are compared: they are short, and whatever else happens on the machine weighs more in them. */
const many = 51;
const poisoned = "note#poisoned-";

/**
 * The subscriber against a loop of receives whose messages are deleted in batches: `transport` for messages that it has
 * no handler for, which is nothing but receiving and deleting, `plain` the same without the look for blocked groups, and
 * `effects` with one transaction a message on both sides.
 */
export async function subscriberThroughput(notebook: RatioNotebook) {
  const { transport, plain } = await compared(
    async () => received(notebook, await fill(notebook, "Unheard"), async () => undefined),
    {
      transport: async () => polled(notebook, await fill(notebook, "Unheard")),
      plain: async () => polled(notebook, await fill(notebook, "Unheard"), { ordered: false }),
    },
    many,
  );
  const { effects } = await compared(
    async () => received(notebook, await fill(notebook, "Noted"), (each) => handleBare(notebook, each)),
    { effects: async () => polled(notebook, await fill(notebook, "Noted")) },
  );
  return { transport, effects, plain };
}

/**
 * Others' rate with a group whose messages go to the dead-letter queue, as busy as two of the others; against that of a
 * subscriber of which nothing is blocked.
 */
export async function poisonedConsumer(notebook: RatioNotebook): Promise<Ratio> {
  const { disturbed } = await compared(
    async () => polledBesidePoison(notebook, "undisturbed", await fill(notebook, "Noted")),
    { disturbed: async () => polledBesidePoison(notebook, "disturbed", await fill(notebook, "Noted", { poison: 2 })) },
  );
  return disturbed;
}

/** Puts messages into the queue, each of an aggregate of its own, and poison among them. Returns how many others. */
async function fill(
  { clients, queueUrl }: RatioNotebook,
  type: keyof typeof messages,
  { poison = 0 } = {},
): Promise<number> {
  const poisonous = `${poisoned}${randomUUID()}`;
  const subjects = Array.from({ length: messages[type] + poison }, (_, index) =>
    index < poison ? poisonous : `note#${randomUUID()}`,
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

/** Milliseconds of a loop as one would write it: handle what a receive brings, delete it in one call, go on. */
function received(
  { clients, queueUrl }: RatioNotebook,
  count: number,
  handle: (message: Message) => Promise<unknown>,
): Promise<number> {
  return timed(async () => {
    const deletions: Promise<unknown>[] = [];
    for (let done = 0; done < count; ) {
      const { Messages = [] } = await clients.longPolls.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 }),
      );
      done += Messages.length;
      deletions.push(handleAll(Messages));
    }
    await Promise.all(deletions);
  });

  async function handleAll(all: readonly Message[]): Promise<void> {
    await Promise.all(all.map(handle));
    const Entries = all.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

/** The transaction that the library makes of the handler's commit below. */
async function handleBare({ clients }: RatioNotebook, { Body = "" }: Message): Promise<void> {
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

/** Milliseconds until a subscriber has handled so many, and has deleted what it handled. */
async function polled(notebook: RatioNotebook, count: number, options = { ordered: true }): Promise<number> {
  return timed(async () => {
    const { stopped } = await polling(notebook, count, options);
    await stopped;
  });
}

/** Milliseconds until the others have been handled. What is left of the poison is taken out of the queue afterwards. */
async function polledBesidePoison(notebook: RatioNotebook, name: string, count: number): Promise<number> {
  let stopped = Promise.resolve();
  const time = await timed(async () => {
    ({ stopped } = await polling(notebook, count, { ordered: true, name }));
  });
  await stopped;
  await notebook.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: notebook.queueUrl }));
  return time;
}

/** Resolves when so many have been handled, with the end of the poll. */
function polling(
  { clients, outbox, queueUrl, deadLetterUrl }: RatioNotebook,
  count: number,
  { ordered, name = "readers" }: { ordered: boolean; name?: string } = { ordered: true },
): Promise<{ stopped: Promise<void> }> {
  const stop = new AbortController();
  let left = count;
  const readers = subscriber(name, outbox, [
    on(Noted, async (noted) => {
      if (noted.subject.startsWith(poisoned)) throw new Error("cannot be read");
      return noted.commit({ writes: [{ Put: { TableName: tables.notes, Item: { id: noted.id, ...noted.data } } }] });
    }),
  ]);
  return new Promise((resolve) => {
    const stopped = poll(readers, {
      client: clients.longPolls,
      queueUrl,
      signal: stop.signal,
      ...(ordered && { deadLetters: { queueUrl: deadLetterUrl, maxAttempts: 1 } }),
      onSettled: () => {
        left -= 1;
        if (left > 0) return;
        stop.abort();
        resolve({ stopped });
      },
    });
  });
}
