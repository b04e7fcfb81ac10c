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
  /** A message stays hidden that long after each heartbeat. */
  readonly visibilityTimeoutSeconds: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** SQS takes ten entries a batch call. */
const batchSize = 10;

/**
 * Keeps the messages in flight hidden from other consumers.
 *
 * A message is in flight from its receipt on, also while it waits behind others of its group: if its visibility ended there,
 * another consumer would get it, and it could overtake. A heartbeat extends all of them, every third of the timeout. A message
 * leaves when it is deleted (`remove`), or released with a delay.
 */
export class Visibility {
  readonly #options: VisibilityOptions;
  readonly #inFlight = new Set<QueueMessage>();
  readonly #stopHeartbeats: () => void;
  /** All running heartbeats: a slow one may still run when the next begins. */
  #heartbeats: Promise<unknown> = Promise.resolve();

  constructor(options: VisibilityOptions) {
    this.#options = options;
    const beat = () => {
      this.#heartbeats = Promise.all([this.#heartbeats, this.#extendAll().catch(options.onError)]);
    };
    this.#stopHeartbeats = options.clock.every((options.visibilityTimeoutSeconds * 1000) / 3, beat);
  }

  get count(): number {
    return this.#inFlight.size;
  }

  add(message: QueueMessage): void {
    this.#inFlight.add(message);
  }

  remove(message: QueueMessage): void {
    this.#inFlight.delete(message);
  }

  /**
   * Returns a message to the queue, which hands it out again after the delay, of at least a second. With 0, SQS could hand it
   * out while other messages of its group are still being released, and one emulator loses it.
   */
  async release(message: QueueMessage, delaySeconds: number): Promise<void> {
    this.remove(message);
    // A running heartbeat with this message would take effect last, and hide it for longer than the delay.
    await this.#heartbeats;
    const { client, queueUrl, onError } = this.#options;
    const VisibilityTimeout = Math.max(1, Math.ceil(delaySeconds));
    // A failure is safe: the message comes again when its visibility timeout ends.
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
    this.#stopHeartbeats();
  }

  async #extendAll(): Promise<void> {
    const { client, queueUrl, visibilityTimeoutSeconds } = this.#options;
    const messages = [...this.#inFlight];
    for (let start = 0; start < messages.length; start += batchSize) {
      const Entries = messages.slice(start, start + batchSize).map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: visibilityTimeoutSeconds,
      }));
      // An entry fails if the message's visibility has ended already. The inbox keeps it from taking effect twice.
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
  }
}
