import { DeleteMessageBatchCommand, type Message as QueueMessage, type SQSClient } from "@aws-sdk/client-sqs";
import { given } from "../runtime/index.ts";
import type { Outages } from "./outages.ts";

export interface DeletionsOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly outages: Outages;
}

/** SQS takes ten entries a batch call. */
const batchSize = 10;
/** So that a message done alone does not wait for a call of others to end. */
const mostCalls = 2;

interface Deletion {
  readonly message: QueueMessage;
  readonly answered: () => void;
}

/**
 * Deletes messages, as many as have gathered in one call. A deletion *waits* until fewer than two calls are under way,
 * with whatever else has come meanwhile; under load that makes one call of ten, and one message alone is deleted at
 * once. It is *answered* when its call has been, well or not.
 */
export class Deletions {
  readonly #options: DeletionsOptions;
  #waiting: Deletion[] = [];
  #calls = 0;

  constructor(options: DeletionsOptions) {
    this.#options = options;
  }

  /** Resolves when SQS has answered. Never rejects: the effect is committed, and if the message comes again, the inbox knows it. */
  delete(message: QueueMessage): Promise<void> {
    return new Promise((answered) => {
      // Messages that end in the same turn go together.
      if (this.#waiting.push({ message, answered }) === 1) queueMicrotask(() => this.#next());
    });
  }

  #next(): void {
    while (this.#calls < mostCalls && this.#waiting.length > 0) {
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
      given(answer.Successful ?? answer.Failed, "Successful or Failed");
      const [failed] = answer.Failed ?? [];
      if (failed === undefined) outages.over();
      else outages.met(Object.assign(new Error(failed.Message), { name: failed.Code }));
    } catch (error) {
      outages.met(error);
    }
  }
}
