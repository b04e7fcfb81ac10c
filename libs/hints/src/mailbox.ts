import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import type { AwsClients } from "@doubleshot/topology";
import { type HintMessage, readMessage } from "./hint.ts";
import { type Instances, removeQueue } from "./instances.ts";
import type { HintLog } from "./log.ts";

export interface HintMailboxOptions {
  readonly clients: Pick<AwsClients, "sqs" | "longPolls">;
  readonly instances: Instances;
  readonly log: HintLog;
  /** Told what one receive brought. Must not throw. */
  readonly onMessages: (messages: readonly HintMessage[]) => void;
  /** There is a new address. */
  readonly onOpened: (address: string) => Promise<void>;
  readonly onSignOfLife: () => Promise<void>;
  readonly rhythm?: Rhythm;
}

/** All in seconds. */
export interface Rhythm {
  /** Between signs of life; also how long one receive waits, so at most 20. */
  readonly heartbeat: number;
  readonly janitor: number;
  /**
   * How long a new queue may seem not to exist: SQS asks to wait a second before using one.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
   */
  readonly settling: number;
}

interface Mailbox {
  readonly id: string;
  readonly url: string;
  readonly settledAt: number;
}

/**
 * Where hints for this process arrive.
 *
 * It is *closed* at first. Opening makes a new id, a row in the instances table under it, and a standard queue named by
 * it. While it is *open*, one loop receives by long polls, gives a sign of life after each if one is due, and does the
 * janitor's rounds. When its row or queue turns out to be gone (the process slept for too long and was given up) it is
 * *lost*: there is no address until the loop has opened another under another id, because AWS blocks the name of a
 * deleted queue for 60 s. What is addressed to the old one is left to the sweep. So is everything while AWS is out; the
 * loop keeps trying. Closing ends the loop and removes queue and row.
 */
export class HintMailbox {
  readonly #options: HintMailboxOptions;
  readonly #rhythm: Rhythm;
  readonly #closing = new AbortController();
  #mailbox: Mailbox | undefined;
  #loop: Promise<void> = Promise.resolve();
  #beatAt = 0;
  #janitorAt = 0;

  constructor(options: HintMailboxOptions) {
    this.#options = options;
    this.#rhythm = options.rhythm ?? { heartbeat: 10, janitor: 60, settling: 10 };
  }

  /** Undefined unless it is open. */
  get address(): string | undefined {
    return this.#mailbox?.id;
  }

  /** Resolves after the first attempt, so that there can be an address from the beginning. Never throws. */
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
      const well = await this.#attempt(() => this.#round());
      if (!well) await delay(500 + Math.random() * 1_000, undefined, { signal }).catch(() => undefined);
    }
  }

  async #round(): Promise<void> {
    const mailbox = this.#mailbox ?? (await this.#make());
    await this.#receive(mailbox);
    const { instances, log } = this.#options;
    const now = performance.now();
    if (now >= this.#beatAt) {
      this.#beatAt = now + this.#rhythm.heartbeat * 1_000;
      if (await instances.renew(mailbox.id)) await this.#options.onSignOfLife();
      else await this.#lose(mailbox);
    }
    if (now >= this.#janitorAt) {
      // Spread, so that instances that were started together take turns.
      this.#janitorAt = now + this.#rhythm.janitor * (500 + Math.random() * 1_000);
      const removed = await instances.removeLapsed();
      if (removed.length > 0) log.info({ queues: removed }, "removed the hint queues of instances that are gone");
    }
  }

  async #make(): Promise<Mailbox> {
    const { clients, instances, log } = this.#options;
    const id = randomUUID().replaceAll("-", ""); // A queue name has 80 characters for shop, kind and id.
    await instances.register(id);
    // A hint is of use for seconds: the shortest retention SQS has, 60 s.
    const Attributes = { MessageRetentionPeriod: "60" };
    const { QueueUrl: url = "" } = await clients.sqs.send(
      new CreateQueueCommand({ QueueName: instances.queueName(id), Attributes }),
    );
    const mailbox = { id, url, settledAt: performance.now() + this.#rhythm.settling * 1_000 };
    this.#mailbox = mailbox;
    log.debug({ address: id }, "hints find this process");
    await this.#options.onOpened(id);
    return mailbox;
  }

  async #receive({ url: QueueUrl }: Mailbox): Promise<void> {
    const { clients, onMessages } = this.#options;
    const { Messages = [] } = await clients.longPolls.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: this.#rhythm.heartbeat }),
      { abortSignal: this.#closing.signal },
    );
    if (Messages.length === 0) return;
    onMessages(Messages.map(({ Body = "" }) => readMessage(Body)));
    // On the side: the next hints must not wait for it, and one that stays is only told again.
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    void this.#attempt(() => clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })));
  }

  async #lose(mailbox: Mailbox): Promise<void> {
    this.#options.log.warn({ address: mailbox.id }, "this process was given up for dead: opening another mailbox");
    this.#mailbox = undefined;
    await this.#remove(mailbox);
  }

  async #remove({ id, url }: Mailbox): Promise<void> {
    await removeQueue(this.#options.clients.sqs, url);
    await this.#options.instances.unregister(id);
  }

  /** True when it went well. What fails because we are closing has not failed. */
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
      this.#options.log.warn({ err: error }, "hints fail for now; the sweep stands in");
      return false;
    }
  }
}
