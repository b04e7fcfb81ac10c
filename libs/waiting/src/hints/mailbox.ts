import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import type { AwsClients } from "@doubleshot/topology";
import type { Log } from "../log.ts";
import { type HintMessage, readMessage } from "./hint.ts";
import { type Instances, removeQueue } from "./instances.ts";

export interface HintMailboxOptions {
  readonly clients: Pick<AwsClients, "sqs" | "longPolls">;
  readonly instances: Instances;
  readonly log: Log;
  /** Called with the messages of one receive. Must not throw. */
  readonly onMessages: (messages: readonly HintMessage[]) => void;
  /** Called once for each mailbox, when it is open. A failure is logged and not retried: `onHeartbeat` has to make up for it. */
  readonly onOpened: (instanceId: string) => Promise<void>;
  /** Called after each heartbeat that found this instance's row. */
  readonly onHeartbeat: () => Promise<void>;
  readonly rhythm?: Rhythm;
}

export interface Rhythm {
  /** Time between heartbeats. One receive waits as long, so the limit is SQS's 20. */
  readonly heartbeatSeconds: number;
  /** Time between the janitor's rounds, on average. */
  readonly janitorSeconds: number;
  /**
   * Time in which a new queue may seem not to exist: SQS asks to wait a second before using one.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
   */
  readonly settlingSeconds: number;
}

interface Mailbox {
  readonly id: string;
  readonly url: string;
  readonly settledAt: number;
}

/**
 * Receives the hints for this process. Its states:
 * - new      it has no id. `open` makes one, a row in the instances table under it, and a standard queue named by it. After
 *            a failure, the loop does it under another id.
 * - open     one loop receives by long polls, renews the lease when a heartbeat is due, and runs the janitor's rounds.
 * - lost     the row or the queue is gone, because the process slept through its lease. There is no id until the loop
 *            has opened a mailbox under another id: AWS blocks the name of a deleted queue for 60 s.
 * - closing  the signal ends the receive under way and the loop; then queue and row are removed. Errors are ignored. The
 *            janitor of another instance removes what is left, such as a mailbox that `open` was still making.
 *
 * Hints to a lost mailbox reach no process; the sweep finds their changes. The same holds while AWS is unavailable; the
 * loop retries.
 */
export class HintMailbox {
  readonly #options: HintMailboxOptions;
  readonly #rhythm: Rhythm;
  readonly #closing = new AbortController();
  #mailbox: Mailbox | undefined;
  #loop: Promise<void> = Promise.resolve();
  #heartbeatAt = 0;
  #janitorAt = 0;

  constructor(options: HintMailboxOptions) {
    this.#options = options;
    this.#rhythm = options.rhythm ?? { heartbeatSeconds: 10, janitorSeconds: 60, settlingSeconds: 10 };
  }

  /** Undefined unless the mailbox is open. */
  get instanceId(): string | undefined {
    return this.#mailbox?.id;
  }

  /** Resolves after the first attempt, so that the process usually starts with a mailbox. Never throws. */
  async open(): Promise<void> {
    await this.#attempt(() => this.#make());
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
    const mailbox = this.#mailbox;
    if (mailbox) await this.#attempt(() => this.#remove(mailbox));
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const succeeded = await this.#attempt(() => this.#round());
      if (!succeeded) await delay(500 + Math.random() * 1_000, undefined, { signal }).catch(() => undefined);
    }
  }

  async #round(): Promise<void> {
    const mailbox = this.#mailbox ?? (await this.#make());
    await this.#receive(mailbox);
    const { instances, log } = this.#options;
    const now = performance.now();
    if (now >= this.#heartbeatAt) {
      this.#heartbeatAt = now + this.#rhythm.heartbeatSeconds * 1_000;
      if (await instances.renew(mailbox.id)) await this.#options.onHeartbeat();
      else await this.#lose(mailbox);
    }
    if (now >= this.#janitorAt) {
      // The random spread lets instances that started together take turns.
      this.#janitorAt = now + this.#rhythm.janitorSeconds * (500 + Math.random() * 1_000);
      const removed = await instances.removeLapsed();
      if (removed.length > 0) log.info({ queues: removed }, "removed the hint queues of instances that are gone");
    }
  }

  async #make(): Promise<Mailbox> {
    const { clients, instances, log } = this.#options;
    const id = newId();
    await instances.register(id);
    // A hint is useful for seconds only, so the queue has the shortest retention that SQS offers, 60 s.
    const Attributes = { MessageRetentionPeriod: "60" };
    const { QueueUrl: url = "" } = await clients.sqs.send(
      new CreateQueueCommand({ QueueName: instances.queueName(id), Attributes }),
    );
    const mailbox = { id, url, settledAt: performance.now() + this.#rhythm.settlingSeconds * 1_000 };
    this.#mailbox = mailbox;
    log.debug({ instanceId: id }, "opened a mailbox for hints");
    await this.#options.onOpened(id);
    return mailbox;
  }

  async #receive({ url: QueueUrl }: Mailbox): Promise<void> {
    const { clients, onMessages } = this.#options;
    const { Messages = [] } = await clients.longPolls.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: this.#rhythm.heartbeatSeconds }),
      { abortSignal: this.#closing.signal },
    );
    if (Messages.length === 0) return;
    onMessages(Messages.map(({ Body = "" }) => readMessage(Body)));
    // In the background, so that the next hints do not wait. A message that stays is only received again.
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    void this.#attempt(() => clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })));
  }

  async #lose(mailbox: Mailbox): Promise<void> {
    this.#options.log.warn({ instanceId: mailbox.id }, "this instance's lease has lapsed: opening another mailbox");
    this.#mailbox = undefined;
    await this.#remove(mailbox);
  }

  async #remove({ id, url }: Mailbox): Promise<void> {
    await removeQueue(this.#options.clients.sqs, url);
    await this.#options.instances.unregister(id);
  }

  /** Returns whether the work succeeded. An error while the mailbox is closing counts as success. */
  async #attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (this.#closing.signal.aborted) return true;
      const mailbox = this.#mailbox;
      if (error instanceof QueueDoesNotExist && mailbox && performance.now() >= mailbox.settledAt) {
        return this.#attempt(() => this.#lose(mailbox));
      }
      this.#options.log.warn({ err: error }, "the hint mailbox failed; retrying. The sweep finds the changes");
      return false;
    }
  }
}

/**
 * SQS allows 80 characters for a queue's name, and `<shop>-<service>-hints-` has up to 59. So an id has 21 lower-case letters
 * and digits: 36^21 values, or 108 random bits.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
 */
function newId(): string {
  return Array.from({ length: 21 }, () => randomInt(36).toString(36)).join("");
}
