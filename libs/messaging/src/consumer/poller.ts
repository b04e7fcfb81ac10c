import { type Message as QueueMessage, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { type GroupContext, MessageGroup } from "./message-group.ts";
import {
  defaultConcurrency,
  defaultVisibilityTimeoutSeconds,
  defaultWaitSeconds,
  type PollOptions,
} from "./poll-options.ts";

const maxMessagesPerReceive = 10;
/** After the signal, time for the answer to a receive beyond its wait. A receive without one by then is cancelled. */
const answerMs = 1_000;
/** Pause before the next receive when the last one brought fewer messages than it could, and nothing else is in flight. */
const calmPauseMs = 5;
/** DynamoDB takes 100 keys a call. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const maxMessagesPerRead = 100;

/** Receives messages and distributes them to their message groups. See `poll`. */
export class Poller {
  readonly #options: PollOptions;
  readonly #context: GroupContext;
  readonly #broken: AbortController;
  readonly #groups = new Map<string, MessageGroup>();
  readonly #running = new Map<MessageGroup, Promise<void>>();
  /** Received messages that are not in a group yet. */
  #arrived: QueueMessage[] = [];
  #distributing: Promise<void> | undefined;
  /** Fires when a receive has not ended in time after the signal: the endpoint hangs. */
  readonly #overdue = new AbortController();
  readonly #ended = new AbortController();
  #onRoom: () => void = () => undefined;

  constructor(options: PollOptions, context: GroupContext, broken: AbortController) {
    this.#options = options;
    this.#context = context;
    this.#broken = broken;
  }

  async run(): Promise<void> {
    const { signal, outages, visibility } = this.#context;
    signal.addEventListener("abort", () => void this.#limitLastReceive(), { once: true });
    try {
      while (!signal.aborted) {
        if (outages.isOut) await Promise.all([outages.pause(), this.#distributing]);
        await this.#room();
        const messages = await this.#receive();
        this.#distribute(messages);
        if (messages.length > 0) await this.#handlersFirst(messages);
      }
      await this.#distributing;
      await Promise.all(this.#running.values());
      this.#broken.signal.throwIfAborted();
    } finally {
      // Without a reason, `abort` creates an error with a stack.
      this.#ended.abort("over");
      visibility.close();
    }
  }

  async #limitLastReceive(): Promise<void> {
    const { waitSeconds = defaultWaitSeconds } = this.#options;
    await this.#context.clock.sleep(waitSeconds * 1_000 + answerMs, this.#ended.signal);
    this.#overdue.abort("overdue");
  }

  /** In calm times, the handlers' calls go out before the next receive. Under load, receiving sooner handles more. */
  async #handlersFirst({ length: received }: readonly QueueMessage[]): Promise<void> {
    const { clock, visibility } = this.#context;
    if (received < maxMessagesPerReceive && visibility.count === received) await clock.sleep(calmPauseMs);
  }

  async #receive(): Promise<QueueMessage[]> {
    const { client, queueUrl, concurrency = defaultConcurrency, waitSeconds = defaultWaitSeconds } = this.#options;
    const { visibilityTimeoutSeconds = defaultVisibilityTimeoutSeconds } = this.#options;
    const { signal, outages, visibility } = this.#context;
    if (signal.aborted) return [];
    try {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          WaitTimeSeconds: waitSeconds,
          VisibilityTimeout: visibilityTimeoutSeconds,
          MaxNumberOfMessages: Math.min(maxMessagesPerReceive, concurrency - visibility.count),
          MessageSystemAttributeNames: ["MessageGroupId", "ApproximateReceiveCount", "SentTimestamp", "SequenceNumber"],
          MessageAttributeNames: ["type", "source", "redrive"],
        }),
        // Never the signal itself: SQS may give the next message to a receive whose caller has gone.
        { abortSignal: this.#overdue.signal },
      );
      outages.answered();
      return Messages;
    } catch (error) {
      if (!signal.aborted) outages.failed(error);
      return [];
    }
  }

  /**
   * Waits until an eighth of the places is free. If a single free place sufficed, a busy consumer would receive each message by
   * a call of its own. If more were needed, a few slow handlers would keep many places empty.
   */
  async #room(): Promise<void> {
    const { concurrency = defaultConcurrency } = this.#options;
    const { signal, visibility } = this.#context;
    const enough = Math.min(maxMessagesPerReceive, Math.ceil(concurrency / 8));
    while (visibility.count + enough > concurrency && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }

  /**
   * Puts messages in flight and starts their distribution, which reads the markers of blocked groups. Messages that arrive
   * during a read share the next one.
   */
  #distribute(messages: readonly QueueMessage[]): void {
    if (messages.length === 0) return;
    for (const message of messages) this.#context.visibility.add(message);
    this.#arrived.push(...messages);
    this.#distributing ??= this.#distributeArrived().catch((error: unknown) => this.#broken.abort(error));
  }

  async #distributeArrived(): Promise<void> {
    try {
      while (this.#arrived.length > 0) await this.#addToGroups(this.#arrived.splice(0, maxMessagesPerRead));
    } finally {
      // In the same turn as the last check of `#arrived`: nothing would distribute messages that arrive in between.
      this.#distributing = undefined;
    }
  }

  async #addToGroups(messages: readonly QueueMessage[]): Promise<void> {
    const { deadLetters, outages } = this.#context;
    const blocked = await outages.untilAnswered(async () => deadLetters?.blockedAmong(messages));
    for (const message of messages) {
      // A standard queue has no groups: each of its messages is a group of its own.
      const id = message.Attributes?.MessageGroupId ?? message.MessageId ?? "";
      const group = this.#groups.get(id);
      if (group === undefined) this.#open(id, new MessageGroup(this.#context, message, blocked?.get(id)));
      else group.add(message);
    }
  }

  #open(id: string, group: MessageGroup): void {
    this.#groups.set(id, group);
    this.#running.set(group, this.#run(id, group));
  }

  async #run(id: string, group: MessageGroup): Promise<void> {
    try {
      await group.run({ afterEach: () => this.#onRoom(), onEnd: () => this.#groups.delete(id) });
    } catch (error) {
      // Only callbacks and bugs throw here. The poll stops, and rejects with the error.
      this.#broken.abort(error);
    }
    this.#running.delete(group);
  }
}
