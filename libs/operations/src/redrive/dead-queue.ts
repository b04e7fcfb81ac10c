import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message as QueueMessage,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { queueUrl } from "@doubleshot/topology";
import type { Shop, SubscriberResources } from "../shop.ts";
import { type QueueCount, queueCount } from "../status/queue-count.ts";

/** A message in a dead-letter queue. */
export interface DeadLetter {
  readonly subscriber: string;
  /** `dead`: the subscriber gave it up. `undelivered`: SNS could not deliver it to the queue. */
  readonly from: DeadQueueKind;
  readonly aggregate: string;
  /** The event's id. An unreadable message has its SQS sequence number in the subscriber's queue instead. */
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** Sorts as text in the order of the aggregate's events; empty when the message cannot be read. */
  readonly sequence: string;
  readonly error: string;
  readonly attempts: number | undefined;
  /** RFC 3339. */
  readonly deadAt: string;
  readonly body: string;
}

export type DeadQueueKind = "dead" | "undelivered";

/** A received letter: hidden from other consumers until it is deleted or returned. */
export interface HeldLetter {
  readonly letter: DeadLetter;
  readonly message: QueueMessage;
}

/** Received letters reappear after this time if the process ends. */
const hiddenSeconds = 60;

/** One subscriber's dead-letter queue, or its queue of undelivered messages. */
export class DeadQueue {
  readonly subscriber: SubscriberResources;
  readonly from: DeadQueueKind;
  readonly #shop: Shop;
  readonly #url: string;

  private constructor(shop: Shop, subscriber: SubscriberResources, from: DeadQueueKind, url: string) {
    this.#shop = shop;
    this.subscriber = subscriber;
    this.from = from;
    this.#url = url;
  }

  static async open(shop: Shop, subscriber: SubscriberResources, from: DeadQueueKind): Promise<DeadQueue | undefined> {
    const name = from === "dead" ? subscriber.deadLetters : subscriber.undelivered;
    if (name === undefined) return undefined;
    return new DeadQueue(shop, subscriber, from, await queueUrl(shop.clients, shop.name, name));
  }

  /** Receives up to ten letters, in order within each aggregate. A group shows no more while one of its messages is received. */
  async receive(waitSeconds: number): Promise<HeldLetter[]> {
    const { Messages = [] } = await this.#shop.clients.longPolls.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: hiddenSeconds,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["MessageGroupId", "SentTimestamp", "SequenceNumber"],
      }),
    );
    return Messages.map((message) => ({ message, letter: readLetter(message, this.subscriber.name, this.from) }));
  }

  /** Waiting and received letters, by SQS's approximate count. */
  async count(): Promise<QueueCount> {
    return queueCount(this.#shop.clients, this.#url);
  }

  /** Deletes the letter. */
  async remove({ message }: HeldLetter): Promise<void> {
    await this.#shop.clients.sqs.send(
      new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle: message.ReceiptHandle }),
    );
  }

  /** Returns letters to the queue, the last first, because a group shows nothing while an earlier message is hidden. */
  async giveBack(letters: readonly HeldLetter[]): Promise<void> {
    for (const { message } of letters.toReversed()) {
      // Not 0: fauxqs with a data folder answers 500 and keeps the message.
      const giveBack = { QueueUrl: this.#url, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 1 };
      // A letter whose time is over has reappeared by itself.
      await this.#shop.clients.sqs.send(new ChangeMessageVisibilityCommand(giveBack)).catch(() => undefined);
    }
  }

  /** Moves the letter to the end of its queue, with the name of the run in an attribute. */
  async moveToEnd(held: HeldLetter, run: string): Promise<void> {
    const { message } = held;
    await this.#shop.clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: this.#url,
        MessageBody: message.Body,
        MessageGroupId: message.Attributes?.MessageGroupId,
        MessageDeduplicationId: `${run}:${message.MessageId}`,
        MessageAttributes: { ...message.MessageAttributes, [movedBy]: { DataType: "String", StringValue: run } },
      }),
    );
    await this.remove(held);
  }

  wasMovedBy({ message }: HeldLetter, run: string): boolean {
    return message.MessageAttributes?.[movedBy]?.StringValue === run;
  }

  /** Returns whether the subscriber's own queue is empty, by SQS's approximate count. */
  async subscriberQueueIsEmpty(): Promise<boolean> {
    const url = await queueUrl(this.#shop.clients, this.#shop.name, this.subscriber.queue);
    const { waiting, inHand } = await queueCount(this.#shop.clients, url);
    return waiting + inHand === 0;
  }

  /** Sends the letter to the subscriber's queue. A dead one carries the name of the run, which the marker lets pass. */
  async sendBack(held: HeldLetter, run: string): Promise<void> {
    const { letter, message } = held;
    const { type, source } = message.MessageAttributes ?? {};
    await this.#shop.clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: await queueUrl(this.#shop.clients, this.#shop.name, this.subscriber.queue),
        MessageBody: message.Body,
        MessageGroupId: letter.aggregate,
        // A letter that fails again and is sent again is another message, or SQS would drop it as a duplicate.
        MessageDeduplicationId: `${run}:${message.MessageId}`,
        MessageAttributes: {
          ...(type && { type }),
          ...(source && { source }),
          ...(this.from === "dead" && { redrive: { DataType: "String", StringValue: run } }),
        },
      }),
    );
    await this.remove(held);
  }
}

const movedBy = "moved";

function readLetter(
  { Body = "", Attributes = {}, MessageAttributes = {} }: QueueMessage,
  subscriber: string,
  from: DeadQueueKind,
): DeadLetter {
  const { id, type, source, sequence } = readEnvelope(Body);
  const { error, attempts, deadAt, sequence: number } = MessageAttributes;
  return {
    subscriber,
    from,
    aggregate: Attributes.MessageGroupId ?? "",
    id: id ?? number?.StringValue ?? "",
    type: type ?? "",
    source: source ?? "",
    sequence: sequence ?? "",
    error: error?.StringValue ?? "",
    attempts: attempts?.StringValue === undefined ? undefined : Number(attempts.StringValue),
    deadAt: deadAt?.StringValue ?? new Date(Number(Attributes.SentTimestamp ?? 0)).toISOString(),
    body: Body,
  };
}

/** A letter may be dead because it is no envelope. */
function readEnvelope(body: string): Partial<Record<"id" | "type" | "source" | "sequence", string>> {
  try {
    const value: unknown = JSON.parse(body);
    const entries = Object.entries(typeof value === "object" && value !== null ? value : {});
    return Object.fromEntries(entries.filter(([, text]) => typeof text === "string"));
  } catch {
    return {};
  }
}
