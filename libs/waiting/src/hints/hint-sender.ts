import { GetQueueUrlCommand, QueueDoesNotExist, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Log } from "../log.ts";
import type { Hint, HintMessage } from "./hint.ts";

export interface HintSenderOptions {
  readonly sqs: SQSClient;
  readonly queueName: (instanceId: string) => string;
  /** Called when the instance has no queue any more. */
  readonly onGone: (instanceId: string) => void;
  readonly log: Log;
}

/** A hint takes about 100 bytes, and SQS bills a message in pieces of 64 KB: these fit into one piece. */
const maxHintsPerMessage = 500;
/** Queue URLs of other instances that are kept. */
const maxKnownUrls = 1_000;

/** Hints for one instance that wait while the previous message is on its way. */
interface Pending {
  /** By id: a newer hint replaces the older one. */
  readonly hints: Map<string, Hint>;
  hello: string | undefined;
}

/**
 * Sends messages to other mailboxes. One message is on its way to an instance at a time. Hints that arrive meanwhile go
 * together in the next message. So a rush of changes costs few messages, and the first change has no delay.
 */
export class HintSender {
  readonly #options: HintSenderOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #sending = new Set<Promise<void>>();
  readonly #urls = new Map<string, string>();

  constructor(options: HintSenderOptions) {
    this.#options = options;
  }

  send(instanceId: string, { hints = [], hello }: Partial<HintMessage>): void {
    const known = this.#pending.get(instanceId);
    const pending = known ?? { hints: new Map<string, Hint>(), hello: undefined };
    pending.hello = hello ?? pending.hello;
    for (const hint of hints) {
      const older = pending.hints.get(hint.id);
      if (older === undefined || older.version < hint.version) pending.hints.set(hint.id, hint);
    }
    if (known !== undefined) return;
    this.#pending.set(instanceId, pending);
    const sending = this.#sendAll(instanceId, pending).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Resolves when no message is on its way any more. */
  async sent(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  /** Never throws: a hint that cannot be sent is dropped, and a sweep finds the change. */
  async #sendAll(instanceId: string, pending: Pending): Promise<void> {
    const { log, onGone } = this.#options;
    try {
      while (pending.hints.size > 0 || pending.hello !== undefined) await this.#sendNext(instanceId, pending);
    } catch (error) {
      this.#urls.delete(instanceId);
      if (error instanceof QueueDoesNotExist) {
        onGone(instanceId);
        log.debug({ instanceId }, "the instance has gone: hints for it are dropped");
      } else {
        log.warn(
          { err: error, instanceId, hints: pending.hints.size },
          "hints were not sent: the sweep finds the changes",
        );
      }
    } finally {
      this.#pending.delete(instanceId);
    }
  }

  async #sendNext(instanceId: string, pending: Pending): Promise<void> {
    const QueueUrl = await this.#urlOf(instanceId);
    const hints = [...pending.hints.values()].slice(0, maxHintsPerMessage);
    for (const { id } of hints) pending.hints.delete(id);
    const message: HintMessage = { hints, ...(pending.hello === undefined ? {} : { hello: pending.hello }) };
    pending.hello = undefined;
    await this.#options.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
  }

  async #urlOf(instanceId: string): Promise<string> {
    const known = this.#urls.get(instanceId);
    if (known !== undefined) return known;
    const QueueName = this.#options.queueName(instanceId);
    const { QueueUrl = "" } = await this.#options.sqs.send(new GetQueueUrlCommand({ QueueName }));
    // Instances come and go for as long as this process lives, so the cache needs a bound.
    if (this.#urls.size >= maxKnownUrls) this.#urls.clear();
    this.#urls.set(instanceId, QueueUrl);
    return QueueUrl;
  }
}
