import { DeleteMessageBatchCommand, type Message as QueueMessage, type SQSClient } from "@aws-sdk/client-sqs";
import { requireMember } from "../runtime/index.ts";
import type { Outages } from "./outages.ts";

export interface DeletionsOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly outages: Outages;
}

/** SQS takes ten entries a batch call. */
const batchSize = 10;
/** With two, a single message need not wait for the end of another call. */
const maxCalls = 2;

interface Deletion {
  readonly message: QueueMessage;
  readonly answered: () => void;
}

/**
 * Deletes messages in batches. A deletion is one of:
 * - waiting    two calls are running; the next call takes up to ten waiting deletions
 * - running    its call is running
 * - answered   its call has ended, also if it failed
 *
 * So a single message is deleted at once, and under load a call deletes ten.
 */
export class Deletions {
  readonly #options: DeletionsOptions;
  #waiting: Deletion[] = [];
  #calls = 0;

  constructor(options: DeletionsOptions) {
    this.#options = options;
  }

  /** Resolves when SQS has answered. Never rejects: if the message comes again, the inbox has its record. */
  delete(message: QueueMessage): Promise<void> {
    return new Promise((answered) => {
      // Messages that end in the same turn share a call.
      if (this.#waiting.push({ message, answered }) === 1) queueMicrotask(() => this.#next());
    });
  }

  #next(): void {
    while (this.#calls < maxCalls && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchSize);
      this.#calls += 1;
      void this.#call(batch).then(() => {
        this.#calls -= 1;
        for (const { answered } of batch) answered();
        this.#next();
      });
    }
  }

  async #call(batch: readonly Deletion[]): Promise<void> {
    const { client, queueUrl, outages } = this.#options;
    const Entries = batch.map(({ message: { ReceiptHandle } }, index) => ({ Id: String(index), ReceiptHandle }));
    try {
      // SQS answers 200 also when entries failed.
      const answer = await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      requireMember(answer.Successful ?? answer.Failed, "Successful or Failed");
      const [failed] = answer.Failed ?? [];
      if (failed === undefined) outages.over();
      else outages.met(Object.assign(new Error(failed.Message), { name: failed.Code }));
    } catch (error) {
      outages.met(error);
    }
  }
}
