import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message as QueueMessage,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { queueUrl } from "@doubleshot/topology";
import type { Shop, SubscriberPlace } from "../../shop.ts";
import { type QueueCount, queueCount } from "../status/queue-count.ts";

/** A message that was given up. */
export interface DeadLetter {
  readonly subscriber: string;
  /** `dead`: given up by the subscriber. `undelivered`: SNS could not hand it to the queue. */
  readonly from: DeadQueueKind;
  readonly aggregate: string;
  /** Of the event; for a message that cannot be read, the number it had in the subscriber's queue. */
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

/** A letter in hand: hidden from everybody else until it is deleted or given back. */
export interface HeldLetter {
  readonly letter: DeadLetter;
  readonly message: QueueMessage;
}

/** Seconds that letters in hand stay hidden, should their holder die. */
const hiddenSeconds = 60;

/** One subscriber's dead-letter queue, or its queue of what SNS could not deliver. */
export class DeadQueue {
  readonly place: SubscriberPlace;
  readonly from: DeadQueueKind;
  readonly #shop: Shop;
  readonly #url: string;

  private constructor(shop: Shop, place: SubscriberPlace, from: DeadQueueKind, url: string) {
    this.#shop = shop;
    this.place = place;
    this.from = from;
    this.#url = url;
  }

  static async open(shop: Shop, place: SubscriberPlace, from: DeadQueueKind): Promise<DeadQueue | undefined> {
    const name = from === "dead" ? place.deadLetters : place.undelivered;
    if (name === undefined) return undefined;
    return new DeadQueue(shop, place, from, await queueUrl(shop.clients, shop.name, name));
  }

  /** Up to ten letters, in order within each aggregate. A group hands out no more while one of its messages is in hand. */
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
    return Messages.map((message) => ({ message, letter: readLetter(message, this.place.name, this.from) }));
  }

  /** Letters waiting and letters in somebody's hand, as SQS counts them: approximately. */
  async count(): Promise<QueueCount> {
    return queueCount(this.#shop.clients, this.#url);
  }

  /** Takes the letter out for good. */
  async remove({ message }: HeldLetter): Promise<void> {
    await this.#shop.clients.sqs.send(
      new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle: message.ReceiptHandle }),
    );
  }

  /** Gives letters back, the last first: a group hands out nothing while an earlier message of it is hidden. */
  async giveBack(letters: readonly HeldLetter[]): Promise<void> {
    for (const { message } of letters.toReversed()) {
      // Not 0: fauxqs with a data folder answers 500 and keeps the message.
      const giveBack = { QueueUrl: this.#url, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 1 };
      // One that was in hand for too long has gone back by itself.
      await this.#shop.clients.sqs.send(new ChangeMessageVisibilityCommand(giveBack)).catch(() => undefined);
    }
  }

  /** Puts the letter at the end of its queue, noting which run did it. */
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

  /** Whether the subscriber's own queue is empty, as SQS counts it: approximately. */
  async subscriberQueueIsEmpty(): Promise<boolean> {
    const url = await queueUrl(this.#shop.clients, this.#shop.name, this.place.queue);
    const { waiting, inHand } = await queueCount(this.#shop.clients, url);
    return waiting + inHand === 0;
  }

  /** Sends the letter to the subscriber's queue: one that the subscriber gave up in the name of the run, which its marker lets pass. */
  async sendBack(held: HeldLetter, run: string): Promise<void> {
    const { letter, message } = held;
    const { type, source } = message.MessageAttributes ?? {};
    await this.#shop.clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: await queueUrl(this.#shop.clients, this.#shop.name, this.place.queue),
        MessageBody: message.Body,
        MessageGroupId: letter.aggregate,
        // A letter that fails again and is sent again is another message, or SQS would swallow it.
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

/** Part of why a letter is dead may be that it is no envelope. */
function readEnvelope(body: string): Partial<Record<"id" | "type" | "source" | "sequence", string>> {
  try {
    const value: unknown = JSON.parse(body);
    const entries = Object.entries(typeof value === "object" && value !== null ? value : {});
    return Object.fromEntries(entries.filter(([, text]) => typeof text === "string"));
  } catch {
    return {};
  }
}
