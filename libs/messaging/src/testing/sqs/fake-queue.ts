import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { Faults } from "../faults.ts";
import type { Time } from "../time/time.ts";
import { sqsException } from "./exceptions.ts";

export interface FakeQueueSpec {
  readonly fifo: boolean;
  /** Default 30. */
  readonly visibilityTimeoutSeconds?: number;
  readonly deadLetter?: { readonly queue: string; readonly maxReceiveCount: number };
}

export interface FakeQueueOptions extends FakeQueueSpec {
  readonly name: string;
  readonly time: Time;
  readonly faults: Faults;
  readonly onHidden?: ((hidden: HiddenMessage) => void) | undefined;
  /** Destination of messages that were received too often. */
  readonly onDead?: (message: SentMessage) => void;
}

export interface SentMessage {
  readonly body: string;
  readonly group?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>> | undefined;
}

/** A message that was just received, or whose visibility was changed. */
export interface HiddenMessage {
  readonly queue: string;
  readonly body: string;
  /** Duration for which it is hidden from now on. */
  readonly seconds: number;
  readonly receiveCount: number;
  readonly receipt: string;
  readonly how: "handed-out" | "changed";
}

interface StoredMessage extends SentMessage {
  readonly id: string;
  readonly sequence: number;
  readonly sentAt: number;
  firstReceivedAt: number | undefined;
  receiveCount: number;
  /** In flight until then; undefined before the first receive. */
  hiddenUntil: number;
  receipt: string | undefined;
}

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html */
const deduplicationWindowMs = 5 * 60 * 1000;

/**
 * A queue. A message is one of:
 * - visible    a receive may return it
 * - in flight  a receiver has it, until its visibility timeout ends
 * - deleted
 *
 * In a FIFO queue, a group with a message in flight returns nothing; otherwise a receive returns one or several of its messages
 * in order. A standard queue returns messages in any order.
 */
export class FakeQueue {
  readonly name: string;
  readonly fifo: boolean;
  readonly #options: FakeQueueOptions;
  readonly #seen = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  /** Cancels the end of a visibility timeout. */
  readonly #returns = new Map<string, () => void>();
  #messages: StoredMessage[] = [];
  #sequence = 0;
  #receipts = 0;

  constructor(options: FakeQueueOptions) {
    this.name = options.name;
    this.fifo = options.fifo;
    this.#options = options;
  }

  /** All messages, visible or not, in the order of sending. */
  get messages(): readonly Readonly<StoredMessage>[] {
    return this.#messages;
  }

  /** Accepts a message, or drops one whose deduplication id the group has had within five minutes. */
  send(message: SentMessage): { MessageId: string; SequenceNumber?: string } {
    const { time } = this.#options;
    const sequence = this.#sequence++;
    const id = `${this.name}-${sequence}`;
    if (this.fifo && (message.group === undefined || message.deduplicationId === undefined)) {
      throw sqsException("MissingParameter", "The request must contain MessageGroupId and MessageDeduplicationId.");
    }
    const repeatedUntil = this.#seen.get(`${message.group}/${message.deduplicationId}`) ?? 0;
    if (!this.fifo || repeatedUntil <= time.now()) {
      this.#seen.set(`${message.group}/${message.deduplicationId}`, time.now() + deduplicationWindowMs);
      const fresh = { firstReceivedAt: undefined, receiveCount: 0, hiddenUntil: 0, receipt: undefined };
      this.#messages.push({ ...message, id, sequence, sentAt: time.now(), ...fresh });
      this.#wake();
    }
    return { MessageId: id, ...(this.fifo ? { SequenceNumber: String(sequence).padStart(20, "0") } : {}) };
  }

  /** Returns up to `max` messages and hides them for `visibility` seconds. */
  receive(max: number, visibility = this.#options.visibilityTimeoutSeconds ?? 30): Message[] {
    const chosen = this.fifo
      ? this.#chooseByGroup(max)
      : this.#options.faults.random.shuffled(this.#visible()).slice(0, max);
    return chosen.filter((message) => !this.#isDead(message)).map((message) => this.#handOut(message, visibility));
  }

  /** Removes a message without a receipt. */
  discard(id: string): void {
    this.#returns.get(id)?.();
    this.#returns.delete(id);
    this.#messages = this.#messages.filter((message) => message.id !== id);
    this.#wake();
  }

  /** Resolves when there may be a message to receive. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  delete(receipt: string | undefined): void {
    const message = this.#byReceipt(receipt);
    if (message === undefined) return;
    this.#checkInFlight(message);
    this.discard(message.id);
  }

  /** Hides a message for that many seconds from now; 0 makes it visible. */
  changeVisibility(receipt: string | undefined, seconds: number): void {
    const message = this.#byReceipt(receipt);
    if (message === undefined) throw expiredReceipt();
    this.#checkInFlight(message);
    this.#hide(message, seconds, "changed");
  }

  #chooseByGroup(max: number): StoredMessage[] {
    const { random } = this.#options.faults;
    const now = this.#options.time.now();
    const chosen: StoredMessage[] = [];
    const groups = Map.groupBy(this.#messages, ({ group }) => group);
    for (const group of random.shuffled([...groups.values()])) {
      if (group.some(({ hiddenUntil }) => hiddenUntil > now)) continue;
      const together = group.slice(0, Math.min(max - chosen.length, random.integer(1, 10)));
      if (together.length > 1) this.#options.faults.saw("several-of-a-group-received");
      chosen.push(...together);
    }
    return chosen;
  }

  #visible(): StoredMessage[] {
    const now = this.#options.time.now();
    return this.#messages.filter(({ hiddenUntil }) => hiddenUntil <= now);
  }

  #handOut(message: StoredMessage, visibilitySeconds: number): Message {
    const { time, faults } = this.#options;
    if (message.receipt !== undefined) faults.saw("redelivered");
    message.receiveCount += 1;
    message.firstReceivedAt ??= time.now();
    message.receipt = `${message.id}:${this.#receipts++}`;
    this.#hide(message, visibilitySeconds, "handed-out");
    return {
      MessageId: message.id,
      ReceiptHandle: message.receipt,
      Body: message.body,
      Attributes: {
        ApproximateReceiveCount: String(message.receiveCount),
        ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
        SentTimestamp: String(message.sentAt),
        ...(message.group === undefined ? {} : { MessageGroupId: message.group }),
        ...(message.deduplicationId === undefined ? {} : { MessageDeduplicationId: message.deduplicationId }),
        ...(this.fifo ? { SequenceNumber: String(message.sequence).padStart(20, "0") } : {}),
      },
      ...(message.attributes === undefined ? {} : { MessageAttributes: { ...message.attributes } }),
    };
  }

  #hide(message: StoredMessage, seconds: number, how: HiddenMessage["how"]): void {
    const { time, onHidden } = this.#options;
    const { body, receiveCount, receipt = "" } = message;
    onHidden?.({ queue: this.name, body, receiveCount, receipt, seconds, how });
    message.hiddenUntil = time.now() + seconds * 1000;
    // The timer of a deleted message must not keep a test's process alive.
    this.#returns.get(message.id)?.();
    const cancel = time.after(seconds * 1000, () => this.#wake(), "background");
    this.#returns.set(message.id, cancel);
  }

  #isDead(message: StoredMessage): boolean {
    const { deadLetter, onDead } = this.#options;
    if (deadLetter === undefined || message.receiveCount < deadLetter.maxReceiveCount) return false;
    this.#messages = this.#messages.filter((other) => other !== message);
    onDead?.(message);
    return true;
  }

  /** Undefined for a deleted message: deleting it again is not an error. */
  #byReceipt(receipt: string | undefined): StoredMessage | undefined {
    const id = receipt?.slice(0, receipt.lastIndexOf(":"));
    const message = this.#messages.find((candidate) => candidate.id === id);
    if (message === undefined || message.receipt === receipt) return message;
    this.#options.faults.saw("receipt-handle-expired");
    throw expiredReceipt();
  }

  #checkInFlight(message: StoredMessage): void {
    if (message.hiddenUntil > this.#options.time.now() || !this.fifo) return;
    this.#options.faults.saw("visibility-ran-out");
    throw expiredReceipt();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

function expiredReceipt(): Error {
  return sqsException(
    "InvalidParameterValue",
    "Value for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.",
  );
}
