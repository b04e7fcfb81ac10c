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
/** A second call begins only with a full batch. */
const maxCalls = 2;

interface Deletion {
  readonly message: QueueMessage;
  readonly answered: () => void;
}

/**
 * Deletes messages in batches. A deletion is one of:
 * - waiting    a call is running; the next call takes up to ten waiting deletions, at the end of that call or when there are ten
 * - running    its call is running
 * - answered   its call has ended, also if it failed
 *
 * So a single message is deleted at once, and under load most calls delete ten. If each message had its own call, the calls would
 * cost more CPU than the handling.
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
      const count = this.#waiting.push({ message, answered });
      // Messages that end in the same turn share a call.
      if (count === 1 || count === batchSize) queueMicrotask(() => this.#next());
    });
  }

  #next(): void {
    while (this.#calls < maxCalls && this.#waiting.length >= (this.#calls === 0 ? 1 : batchSize)) {
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
      if (failed === undefined) outages.answered();
      else outages.failed(Object.assign(new Error(failed.Message), { name: failed.Code }));
    } catch (error) {
      outages.failed(error);
    }
  }
}
