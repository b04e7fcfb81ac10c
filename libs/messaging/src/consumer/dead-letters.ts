import {
  type MessageAttributeValue,
  type Message as QueueMessage,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { type Clock, given, optional, queueUrl, type Rules, realClock, wholeNumber } from "../runtime/index.ts";
import type { BlockedGroups, BlockedMarker } from "./blocked-groups.ts";

export interface DeadLetterOptions {
  /** URL of the dead-letter queue, FIFO if the queue is. */
  readonly queueUrl: string;
  /**
   * How often a message is received before its handler's failure is taken for final, 1 to 90: after 90 it is not handled
   * any more. Default 10.
   */
  readonly maxAttempts?: number;
}

export interface DeadLettersOptions extends DeadLetterOptions {
  readonly client: SQSClient;
  readonly groups: Pick<BlockedGroups, "among" | "block" | "raise">;
  /** Told of each message that has been moved. */
  readonly onMoved?: (() => void) | undefined;
  readonly clock?: Clock;
}

/** Below the 100 receives after which `redrivePolicy` takes a message out alone, and those behind it overtake. */
const mostReceives = 90;

export const deadLetterRules: Rules<DeadLetterOptions> = {
  queueUrl,
  maxAttempts: optional(wholeNumber("receives", 1, mostReceives)),
};

/** The message has been handed out again and again without its handler's coming to an end. It is dead-lettered unhandled. */
export class ReceivedTooOften extends Error {
  override readonly name = "ReceivedTooOften";
  readonly permanent = true;

  constructor(receives: number) {
    super(
      `It has been received ${receives} times. Either its consumer dies of it each time, or what it needs has been away for all of them.`,
    );
  }
}

/**
 * Moves messages to the dead-letter queue in the order of their group, see `blocked-groups.ts`. The marker is written
 * first, the message sent second, and the caller deletes it third: a crash in between leaves a message that is moved
 * again, and nothing that is overtaken or lost.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  /** The markers that concern the messages, by group. */
  blockedAmong(messages: readonly QueueMessage[]): Promise<Map<string, BlockedMarker>> {
    const groups = new Set(messages.flatMap(({ Attributes }) => Attributes?.MessageGroupId ?? []));
    return groups.size === 0 ? Promise.resolve(new Map()) : this.#options.groups.among([...groups]);
  }

  /** @throws ReceivedTooOften */
  refuseReceivedTooOften(message: QueueMessage): void {
    const receives = receivesOf(message);
    if (receives > mostReceives) throw new ReceivedTooOften(receives);
  }

  /** Whether the failure is the last that the message is allowed. */
  isFinal(message: QueueMessage, error: unknown): boolean {
    const { maxAttempts = 10 } = this.#options;
    return isPermanent(error) || receivesOf(message) >= maxAttempts;
  }

  /** Moves a message whose handler has failed for good, and blocks its group. */
  async giveUp(message: QueueMessage, error: unknown): Promise<void> {
    const reason = describe(error);
    const { MessageGroupId: group } = message.Attributes ?? {};
    if (group !== undefined) await this.#options.groups.block(group, sequenceOf(message), reason);
    await this.#send(message, reason);
  }

  /**
   * Moves a message of a blocked group; `released` when it is not blocked any more. It follows others, or is the one that
   * the marker was written for by a consumer that died before it moved it.
   */
  async follow(message: QueueMessage, marker?: BlockedMarker): Promise<"moved" | "released"> {
    const { MessageGroupId: group = "" } = message.Attributes ?? {};
    const sequence = sequenceOf(message);
    if ((await this.#options.groups.raise(group, sequence, isRedriven(message))) === "released") return "released";
    await this.#send(message, marker?.sequence === sequence ? marker.error : behind);
    return "moved";
  }

  async #send(message: QueueMessage, reason: BlockedMarker["error"]): Promise<void> {
    const { client, queueUrl, clock = realClock, onMoved } = this.#options;
    const { MessageGroupId, ApproximateReceiveCount = "1" } = message.Attributes ?? {};
    const attributes = {
      ...original(message.MessageAttributes),
      error: text(`${reason.name}: ${reason.message}`),
      attempts: { DataType: "Number", StringValue: ApproximateReceiveCount },
      sequence: text(sequenceOf(message)),
      deadAt: text(new Date(clock.now()).toISOString()),
    };
    const { MessageId } = await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: message.Body,
        MessageAttributes: attributes,
        // The message's own id, not the event's: what is redriven and fails again within five minutes is another message.
        ...(MessageGroupId && { MessageGroupId, MessageDeduplicationId: message.MessageId }),
      }),
    );
    // It is deleted from its own queue next, so it must be in this one.
    given(MessageId, "MessageId");
    onMoved?.();
  }
}

const behind = { name: "Behind", message: "An earlier message of its group was dead-lettered." };

/** Whether the group's marker lets the message pass: it has been redriven, by the run that the marker names. */
export function mayPass(message: QueueMessage, { redrive }: BlockedMarker): boolean {
  return redrive !== undefined && message.MessageAttributes?.redrive?.StringValue === redrive;
}

/** Moved to the dead-letter queue again, such a message ends whichever run is under way: the rest of that run may not pass any more. */
export function isRedriven({ MessageAttributes }: QueueMessage): boolean {
  return MessageAttributes?.redrive !== undefined;
}

function receivesOf({ Attributes }: QueueMessage): number {
  return Number(Attributes?.ApproximateReceiveCount ?? 1);
}

/** Trying again changes nothing about errors that say so. */
function isPermanent(error: unknown): boolean {
  return error instanceof Error && "permanent" in error && error.permanent === true;
}

/** SQS numbers the messages of a FIFO queue; a standard queue's have their id. */
function sequenceOf({ Attributes, MessageId = "" }: QueueMessage): string {
  return Attributes?.SequenceNumber ?? MessageId;
}

function describe(error: unknown): BlockedMarker["error"] {
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: "Error", message: String(error) };
}

/** Characters that SQS refuses are taken out, and what is too long is cut: an error must not keep its message from being moved. */
function text(value: string): MessageAttributeValue {
  return {
    DataType: "String",
    StringValue: value.replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/g, " ").slice(0, 1_000) || "-",
  };
}

function original(attributes: QueueMessage["MessageAttributes"] = {}): Record<string, MessageAttributeValue> {
  const { type, source } = attributes;
  return { ...(type && { type }), ...(source && { source }) };
}
