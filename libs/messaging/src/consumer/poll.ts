import { type Message as QueueMessage, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import {
  abortSignal,
  anObject,
  type Clock,
  callback,
  checkOptions,
  group,
  having,
  optional,
  queueUrl,
  type Rules,
  realClock,
  wholeNumber,
} from "../runtime/index.ts";
import { aSubscriber, type Settlement, type Subscriber } from "../subscriber/index.ts";
import { blockedGroupsOf } from "./blocked-groups.ts";
import { type DeadLetterOptions, DeadLetters, deadLetterRules } from "./dead-letters.ts";
import { Deletions } from "./deletions.ts";
import { Lane, type LaneTools } from "./lane.ts";
import { Outages } from "./outages.ts";
import type { PollTrouble } from "./poll-trouble.ts";
import { Visibility } from "./visibility.ts";

export interface PollOptions {
  /** Its request timeout must exceed the 20 seconds of a long poll. */
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Stops receiving; handlers under way are finished, the rest is given back. */
  readonly signal: AbortSignal;
  /** Messages in hand at once, a whole number from 1. Default 64. */
  readonly concurrency?: number;
  /**
   * Whole seconds that a message in hand stays hidden between heartbeats, 1 to 43,200: another consumer waits that long
   * for the messages of one that died. Default 15.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
   */
  readonly visibilityTimeout?: number;
  /**
   * Where messages go whose handler keeps failing, and those behind them. Without it a failing message is tried until
   * the queue's own dead-letter policy takes it, alone, and those behind overtake it.
   */
  readonly deadLetters?: DeadLetterOptions;
  /** For tests. */
  readonly clock?: Clock;
  readonly onSettled?: (settlement: Settlement) => void;
  /** Told of what went wrong. What the callbacks throw, or their promises reject with, ends the poll. */
  readonly onTrouble?: (trouble: PollTrouble) => void;
}

/** Twelve hours: SQS hides a message no longer. */
const maxVisibilitySeconds = 43_200;

const rules: Rules<PollOptions> = {
  client: having("an SQSClient", "send"),
  queueUrl,
  signal: abortSignal,
  concurrency: optional(wholeNumber("messages", 1)),
  visibilityTimeout: optional(wholeNumber("seconds", 1, maxVisibilitySeconds)),
  deadLetters: optional(group(deadLetterRules)),
  clock: optional(anObject),
  onSettled: optional(callback),
  onTrouble: optional(callback),
};

/** The longest a long poll may wait. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const waitSeconds = 20;
const mostPerReceive = 10;
/** Milliseconds before the next receive when one has brought fewer messages than it could, and all that is in hand. */
const restWhenCalm = 5;
/** DynamoDB takes 100 keys a call. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const mostPerRead = 100;

/**
 * Feeds a subscriber from a queue until the signal fires, and resolves when nothing is in hand any more.
 *
 * A message is *received*, and from then on kept hidden. It joins the *lane* of its message group; lanes run beside
 * each other, each one message at a time. In its lane a message is *handled* and deleted; or its handler *fails*, and it
 * is given back with a delay that grows with its receive count, after those behind it, so that none of them overtakes;
 * or it has failed too often, is *dead*, and moved to the dead-letter queue, and those behind it follow (see
 * `blocked-groups.ts`); or AWS is *out*, which is not the message's doing: it stays in hand, no new ones are received,
 * and it is tried again until AWS is back.
 * @throws TypeError naming the option that is wrong, and what is allowed, before anything is received.
 */
export async function poll(subscriber: Subscriber, options: PollOptions): Promise<void> {
  checkOptions("poll", { subscriber, ...options }, { subscriber: aSubscriber, ...rules });
  await new Poller(subscriber, options).run();
}

class Poller {
  readonly #options: PollOptions;
  readonly #tools: LaneTools;
  readonly #lanes = new Map<string, Lane>();
  readonly #running = new Map<Lane, Promise<void>>();
  readonly #broken = new AbortController();
  /** Received, and not yet in a lane. */
  #arrived: QueueMessage[] = [];
  #entering: Promise<void> | undefined;
  #roomMade: () => void = () => undefined;

  constructor(subscriber: Subscriber, options: PollOptions) {
    const { client, queueUrl, clock = realClock, deadLetters, visibilityTimeout = 15 } = options;
    const signal = AbortSignal.any([options.signal, this.#broken.signal]);
    const ends = (error: unknown) => this.#broken.abort(error);
    const onTrouble = (trouble: PollTrouble) => endingOnRejection(options.onTrouble?.(trouble), ends);
    const onOutage = (error: unknown) => onTrouble({ kind: "outage", error });
    const outages = new Outages({ clock, signal, onOutage });
    const visibility = new Visibility({ client, queueUrl, timeout: visibilityTimeout, clock, onError: onOutage });
    const deletions = new Deletions({ client, queueUrl, outages });
    this.#options = options;
    this.#tools = {
      subscriber,
      signal,
      clock,
      visibility,
      outages,
      deadLetters:
        deadLetters &&
        new DeadLetters({
          ...deadLetters,
          client,
          groups: blockedGroupsOf(subscriber),
          onMoved: subscriber.onDeadLettered,
          clock,
        }),
      remove: (message) => {
        visibility.drop(message);
        return deletions.delete(message);
      },
      onSettled: (settlement) => endingOnRejection(options.onSettled?.(settlement), ends),
      onTrouble,
    };
  }

  async run(): Promise<void> {
    const { signal, outages, visibility } = this.#tools;
    try {
      while (!signal.aborted) {
        if (outages.out) await Promise.all([outages.pause(), this.#entering]);
        await this.#room();
        const messages = await this.#receive();
        this.#enter(messages);
        if (messages.length > 0) await this.#handlersFirst(messages);
      }
      await this.#entering;
      await Promise.all(this.#running.values());
      this.#broken.signal.throwIfAborted();
    } finally {
      visibility.close();
    }
  }

  /**
   * While nothing piles up, somebody waits for what the handlers do: what those call is on its way before the next receive
   * is made up. In a rush, whoever receives sooner handles more.
   */
  async #handlersFirst({ length: received }: readonly QueueMessage[]): Promise<void> {
    const { clock, visibility } = this.#tools;
    if (received < mostPerReceive && visibility.count === received) await clock.sleep(restWhenCalm);
  }

  async #receive(): Promise<QueueMessage[]> {
    const { client, queueUrl, concurrency = 64, visibilityTimeout = 15 } = this.#options;
    const { signal, outages, visibility } = this.#tools;
    if (signal.aborted) return [];
    try {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          WaitTimeSeconds: waitSeconds,
          VisibilityTimeout: visibilityTimeout,
          MaxNumberOfMessages: Math.min(mostPerReceive, concurrency - visibility.count),
          MessageSystemAttributeNames: ["MessageGroupId", "ApproximateReceiveCount", "SentTimestamp", "SequenceNumber"],
          MessageAttributeNames: ["type", "source", "redrive"],
        }),
        { abortSignal: signal },
      );
      outages.over();
      return Messages;
    } catch (error) {
      if (!signal.aborted) outages.met(error);
      return [];
    }
  }

  /** Waits until another message may be taken in hand. */
  async #room(): Promise<void> {
    const { concurrency = 64 } = this.#options;
    const { signal, visibility } = this.#tools;
    while (visibility.count >= concurrency && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#roomMade = resolve;
      });
    }
  }

  /**
   * The messages are in hand from here on, whatever has to be asked before they can be dealt with. While it is asked
   * about some, others are received, and asked about together: one read for all that has come meanwhile.
   */
  #enter(messages: readonly QueueMessage[]): void {
    if (messages.length === 0) return;
    for (const message of messages) this.#tools.visibility.take(message);
    this.#arrived.push(...messages);
    this.#entering ??= this.#enterArrived().catch((error: unknown) => this.#broken.abort(error));
  }

  async #enterArrived(): Promise<void> {
    try {
      while (this.#arrived.length > 0) await this.#openLanes(this.#arrived.splice(0, mostPerRead));
    } finally {
      // In the same turn as the last look, or what arrives in the next would be left standing.
      this.#entering = undefined;
    }
  }

  async #openLanes(messages: readonly QueueMessage[]): Promise<void> {
    const { deadLetters, outages } = this.#tools;
    const blocked = await outages.untilAnswered(async () => deadLetters?.blockedAmong(messages));
    for (const message of messages) {
      // A standard queue has no groups: each of its messages is one by itself.
      const group = message.Attributes?.MessageGroupId ?? message.MessageId ?? "";
      const lane = this.#lanes.get(group);
      if (lane === undefined) this.#open(group, new Lane(this.#tools, message, blocked?.get(group)));
      else lane.add(message);
    }
  }

  #open(group: string, lane: Lane): void {
    this.#lanes.set(group, lane);
    this.#running.set(lane, this.#run(group, lane));
  }

  async #run(group: string, lane: Lane): Promise<void> {
    try {
      await lane.run({ afterEach: () => this.#roomMade(), onEnd: () => this.#lanes.delete(group) });
    } catch (error) {
      // Only callbacks and mistakes throw in a lane: the poll stops, and rejects with what they threw.
      this.#broken.abort(error);
    }
    this.#running.delete(lane);
  }
}

/** A callback may be async, although nothing waits for it. */
function endingOnRejection(returned: unknown, ends: (error: unknown) => void): void {
  if (returned instanceof Promise) returned.catch(ends);
}
