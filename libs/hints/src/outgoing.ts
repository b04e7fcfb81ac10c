import { GetQueueUrlCommand, QueueDoesNotExist, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Hint, HintMessage } from "./hint.ts";
import type { HintLog } from "./log.ts";

export interface OutgoingOptions {
  readonly sqs: SQSClient;
  readonly queueName: (address: string) => string;
  /** The instance at this address has no queue any more. */
  readonly onGone: (address: string) => void;
  readonly log: HintLog;
}

/** A hint takes about 100 bytes, and SQS counts a message by pieces of 64 KB: as many as fit into one. */
const hintsPerMessage = 500;

/** What waits for one address while the message before it is on its way. */
interface Pending {
  /** By what they are about: the newer one says all that the older said. */
  readonly hints: Map<string, Hint>;
  hello: string | undefined;
}

/**
 * Messages to other mailboxes. One is on its way to an address at a time; what comes up meanwhile goes together in the
 * next, so a rush of changes costs few messages, and the first of them no delay.
 */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #sending = new Set<Promise<void>>();
  readonly #urls = new Map<string, string>();

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  send(address: string, { hints = [], hello }: Partial<HintMessage>): void {
    const known = this.#pending.get(address);
    const pending = known ?? { hints: new Map<string, Hint>(), hello: undefined };
    pending.hello = hello ?? pending.hello;
    for (const hint of hints) {
      const older = pending.hints.get(hint.id);
      if (older === undefined || older.version < hint.version) pending.hints.set(hint.id, hint);
    }
    if (known !== undefined) return;
    this.#pending.set(address, pending);
    const sending = this.#sendAll(address, pending).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Resolves when nothing is on its way any more. */
  async sent(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  /** Never throws: what cannot be sent is dropped, and a sweep finds what it was about. */
  async #sendAll(address: string, pending: Pending): Promise<void> {
    const { log, onGone } = this.#options;
    try {
      while (pending.hints.size > 0 || pending.hello !== undefined) await this.#sendNext(address, pending);
    } catch (error) {
      this.#urls.delete(address);
      if (error instanceof QueueDoesNotExist) {
        onGone(address);
        log.debug({ address }, "the instance that hints were for is gone");
      } else {
        log.warn({ err: error, address, hints: pending.hints.size }, "hints were not sent; the sweep stands in");
      }
    } finally {
      this.#pending.delete(address);
    }
  }

  async #sendNext(address: string, pending: Pending): Promise<void> {
    const QueueUrl = await this.#urlOf(address);
    const hints = [...pending.hints.values()].slice(0, hintsPerMessage);
    for (const { id } of hints) pending.hints.delete(id);
    const message: HintMessage = { hints, ...(pending.hello === undefined ? {} : { hello: pending.hello }) };
    pending.hello = undefined;
    await this.#options.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
  }

  async #urlOf(address: string): Promise<string> {
    const known = this.#urls.get(address);
    if (known !== undefined) return known;
    const QueueName = this.#options.queueName(address);
    const { QueueUrl = "" } = await this.#options.sqs.send(new GetQueueUrlCommand({ QueueName }));
    // Instances come and go for as long as this process lives.
    if (this.#urls.size >= 1_000) this.#urls.clear();
    this.#urls.set(address, QueueUrl);
    return QueueUrl;
  }
}
