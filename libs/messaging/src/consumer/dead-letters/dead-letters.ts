import {
  type MessageAttributeValue,
  type Message as QueueMessage,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { optional, queueUrl, type Rules, wholeNumber } from "../../options/index.ts";
import { type Clock, realClock, requireMember } from "../../runtime/index.ts";
import type { BlockedGroups, BlockedMarker } from "./blocked-groups.ts";

export interface DeadLetterOptions {
  /** URL of the dead-letter queue, FIFO if the queue is. */
  readonly queueUrl: string;
  /**
   * Receives after which the handler's failure is final, 1 to 90. Default 10. After 90 receives a message is not handled
   * again.
   */
  readonly maxAttempts?: number;
}

export interface DeadLettersOptions extends DeadLetterOptions {
  readonly client: SQSClient;
  readonly groups: Pick<BlockedGroups, "among" | "block" | "raise">;
  /** Called for each moved message. */
  readonly onMoved?: (() => void) | undefined;
  readonly clock?: Clock;
}

/** Less than the 100 of `redrivePolicy`: SQS moves a message after 100 receives, and the later ones of its group overtake it. */
const maxReceives = 90;

export const deadLetterRules: Rules<DeadLetterOptions> = {
  queueUrl,
  maxAttempts: optional(wholeNumber("receives", 1, maxReceives)),
};

/** The message was received more than 90 times and never settled. The consumer dead-letters it without another attempt. */
export class ReceivedTooOftenError extends Error {
  override readonly name = "ReceivedTooOftenError";
  readonly permanent = true;

  constructor(receives: number) {
    super(
      `The message has been received ${receives} times. Its handler kills the consumer, or a service that it needs has been unavailable. Fix that and redrive the message.`,
    );
  }
}

/**
 * Moves messages to the dead-letter queue in the order of their group, see `blocked-groups.ts`, in three steps:
 * 1. write the group's marker
 * 2. send the message to the dead-letter queue
 * 3. delete it from its own queue, which the caller does
 *
 * After a crash in between, the message is moved again; none is lost or overtaken.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  /** Returns the markers of the messages' groups, by group. */
  blockedAmong(messages: readonly QueueMessage[]): Promise<Map<string, BlockedMarker>> {
    const groups = new Set(messages.flatMap(({ Attributes }) => Attributes?.MessageGroupId ?? []));
    return groups.size === 0 ? Promise.resolve(new Map()) : this.#options.groups.among([...groups]);
  }

  /** @throws ReceivedTooOftenError */
  refuseReceivedTooOften(message: QueueMessage): void {
    const receives = receivesOf(message);
    if (receives > maxReceives) throw new ReceivedTooOftenError(receives);
  }

  /** Whether the message gets no further attempt. */
  isFinal(message: QueueMessage, error: unknown): boolean {
    const { maxAttempts = 10 } = this.#options;
    return isPermanent(error) || receivesOf(message) >= maxAttempts;
  }

  /** Moves a message whose handler failed for good, and blocks its group. */
  async deadLetter(message: QueueMessage, error: unknown): Promise<void> {
    const reason = describe(error);
    const { MessageGroupId: group } = message.Attributes ?? {};
    if (group !== undefined) await this.#options.groups.block(group, sequenceOf(message), reason);
    await this.#send(message, reason);
  }

  /**
   * Moves a message of a blocked group. Returns `released` if the group is no longer blocked. The message is later than the
   * marker's, or is the marker's own: its consumer ended before it moved the message.
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
        // The message's own id, not the event's: a redriven message that fails again within five minutes is another message.
        ...(MessageGroupId && { MessageGroupId, MessageDeduplicationId: message.MessageId }),
      }),
    );
    // The caller deletes it from its own queue next, so it must be in this one.
    requireMember(MessageId, "MessageId");
    onMoved?.();
  }
}

const behind = { name: "Behind", message: "An earlier message of its group was dead-lettered." };

/** Whether the marker lets the message pass: the redrive that the marker names has sent it back. */
export function mayPass(message: QueueMessage, { redrive }: BlockedMarker): boolean {
  return redrive !== undefined && message.MessageAttributes?.redrive?.StringValue === redrive;
}

/** Whether a redrive has sent the message back. If it is moved again, it ends the current redrive: the rest may not pass. */
export function isRedriven({ MessageAttributes }: QueueMessage): boolean {
  return MessageAttributes?.redrive !== undefined;
}

function receivesOf({ Attributes }: QueueMessage): number {
  return Number(Attributes?.ApproximateReceiveCount ?? 1);
}

/** Some errors declare that no attempt helps. */
function isPermanent(error: unknown): boolean {
  return error instanceof Error && "permanent" in error && error.permanent === true;
}

/** SQS numbers the messages of a FIFO queue. In a standard queue, the message's id stands for the number. */
function sequenceOf({ Attributes, MessageId = "" }: QueueMessage): string {
  return Attributes?.SequenceNumber ?? MessageId;
}

function describe(error: unknown): BlockedMarker["error"] {
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: "Error", message: String(error) };
}

/** Replaces characters that SQS rejects and cuts long text: an error's text must not keep the message from being moved. */
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
