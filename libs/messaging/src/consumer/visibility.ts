import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  type Message as QueueMessage,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { Clock } from "../runtime/index.ts";

export interface VisibilityOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Seconds for which a message stays hidden after each heartbeat. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** SQS takes ten entries a batch call. */
const batchSize = 10;

/**
 * The messages in hand, kept invisible to other consumers for as long as they are.
 *
 * Every message received is in hand from that moment, also while it waits behind others of its group: one whose
 * visibility ran out there would be handed to somebody else and could overtake. A third of the timeout apart, all are
 * extended together. A message leaves by being deleted, or by being given back with a delay.
 */
export class Visibility {
  readonly #options: VisibilityOptions;
  readonly #inHand = new Set<QueueMessage>();
  readonly #stopBeating: () => void;
  /** All heartbeats under way: one whose answer is slow may still be when the next begins. */
  #beating: Promise<unknown> = Promise.resolve();

  constructor(options: VisibilityOptions) {
    this.#options = options;
    const beat = () => {
      this.#beating = Promise.all([this.#beating, this.#extendAll().catch(options.onError)]);
    };
    this.#stopBeating = options.clock.every((options.timeout * 1000) / 3, beat);
  }

  get count(): number {
    return this.#inHand.size;
  }

  take(message: QueueMessage): void {
    this.#inHand.add(message);
  }

  drop(message: QueueMessage): void {
    this.#inHand.delete(message);
  }

  /**
   * Gives a message back, to be received again after the delay. Never less than a second: 0 would hand it out while
   * others of its group are still being given back, and one emulator loses it.
   */
  async giveBack(message: QueueMessage, delaySeconds: number): Promise<void> {
    this.drop(message);
    // A heartbeat under way that names the message would come last, and hide it for longer than it is given back for.
    await this.#beating;
    const { client, queueUrl, onError } = this.#options;
    const VisibilityTimeout = Math.max(1, Math.ceil(delaySeconds));
    // Failing is safe: the message comes back when its visibility runs out by itself.
    await client
      .send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: message.ReceiptHandle,
          VisibilityTimeout,
        }),
      )
      .catch(onError);
  }

  close(): void {
    this.#stopBeating();
  }

  async #extendAll(): Promise<void> {
    const { client, queueUrl, timeout } = this.#options;
    const messages = [...this.#inHand];
    for (let start = 0; start < messages.length; start += batchSize) {
      const Entries = messages.slice(start, start + batchSize).map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: timeout,
      }));
      // Failed entries belong to messages that have run out already; the inbox keeps them from taking effect twice.
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
  }
}
