import type { Message as QueueMessage } from "@aws-sdk/client-sqs";
import { backoff, type Clock, CommitOutcomeUnknownError, isOutage } from "../runtime/index.ts";
import type { Settlement, Subscriber } from "../subscriber/index.ts";
import type { BlockedMarker } from "./dead-letters/blocked-groups.ts";
import { type DeadLetters, isRedriven, mayPass } from "./dead-letters/dead-letters.ts";
import type { Outages } from "./outages.ts";
import type { PollTrouble } from "./poll-trouble.ts";
import type { Visibility } from "./visibility.ts";

/** The parts that all message groups of a poll share. */
export interface GroupContext {
  readonly subscriber: Subscriber;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly visibility: Visibility;
  readonly outages: Outages;
  readonly deadLetters: DeadLetters | undefined;
  /** Deletes a settled or moved message. Never rejects. */
  readonly remove: (message: QueueMessage) => Promise<void>;
  readonly onSettled: (settlement: Settlement) => void;
  readonly onTrouble: (trouble: PollTrouble) => void;
}

/** Milliseconds between the tries of one message during an outage. */
const outageBackoffMs = { base: 50, cap: 10_000 };
/** Seconds until a failed message comes again. */
const failureBackoffSeconds = { base: 2, cap: 300 };

/**
 * The messages in flight of one message group, one after the other. The first message ends as one of:
 * - handled        it is deleted
 * - moved          its group is blocked: it follows into the dead-letter queue and is deleted
 * - dead-lettered  its last attempt failed: the group is blocked, the message moved and deleted
 * - released       it failed, or the poll is stopping: all messages return to the queue, and the group ends
 */
export class MessageGroup {
  readonly #context: GroupContext;
  readonly #messages: QueueMessage[];
  /** `for-all`: this consumer blocked the group, or ended its redrive. No message may pass, also if the marker it read allows it. */
  #blocked: BlockedMarker | "for-all" | undefined;

  constructor(context: GroupContext, first: QueueMessage, blocked: BlockedMarker | undefined) {
    this.#context = context;
    this.#messages = [first];
    this.#blocked = blocked;
  }

  add(message: QueueMessage): void {
    this.#messages.push(message);
  }

  /** Calls `onEnd` in the same turn in which the group stops accepting messages. */
  async run({ afterEach, onEnd }: { afterEach: () => void; onEnd: () => void }): Promise<void> {
    for (let [first] = this.#messages; first !== undefined; [first] = this.#messages) {
      if (!this.#context.signal.aborted && (await this.#process(first))) {
        await this.#context.remove(first);
        this.#messages.shift();
      } else {
        await this.#release();
      }
      afterEach();
    }
    onEnd();
  }

  /** True when the message can be deleted. */
  async #process(message: QueueMessage): Promise<boolean> {
    if (this.#isBlocked(message)) {
      const marker = this.#blocked === "for-all" ? undefined : this.#blocked;
      const outcome = await this.#move(message, async () => this.#context.deadLetters?.follow(message, marker));
      if (outcome === "moved" && isRedriven(message)) this.#blocked = "for-all";
      if (outcome !== "released") return outcome === "moved";
      this.#blocked = undefined;
    }
    const failure = await this.#handle(message);
    return failure === undefined || this.#deadLetter(message, failure.error);
  }

  #isBlocked(message: QueueMessage): boolean {
    return this.#blocked === "for-all" || (this.#blocked !== undefined && !mayPass(message, this.#blocked));
  }

  /** Undefined when the message is handled. During an outage, tries again and keeps the message in flight. */
  async #handle(message: QueueMessage): Promise<{ error: unknown } | undefined> {
    const { subscriber, signal, clock, outages, deadLetters, onSettled } = this.#context;
    const { ApproximateReceiveCount = "1", SentTimestamp = clock.now() } = message.Attributes ?? {};
    const delivery = {
      body: message.Body ?? "",
      receiveCount: Number(ApproximateReceiveCount),
      sentAt: Number(SentTimestamp),
    };
    for (let attempts = 1; ; attempts++) {
      let settlement: Settlement;
      try {
        deadLetters?.refuseReceivedTooOften(message);
        settlement = await subscriber.handle(delivery);
      } catch (error) {
        const out = isOutage(error) || error instanceof CommitOutcomeUnknownError;
        if (!out || signal.aborted) return { error };
        outages.failed(error);
        // The outage may concern only this handler's calls. Then other messages' calls succeed and end the common pause.
        await Promise.all([outages.pause(), clock.sleep(backoff(clock, attempts, outageBackoffMs), signal)]);
        continue;
      }
      onSettled(settlement);
      return undefined;
    }
  }

  /** True when this was the message's last attempt, and it is in the dead-letter queue. */
  async #deadLetter(message: QueueMessage, error: unknown): Promise<boolean> {
    const { deadLetters, signal } = this.#context;
    if (signal.aborted && isOutage(error)) return false;
    if (deadLetters === undefined || !deadLetters.isFinal(message, error)) {
      this.#report("failed", message, error);
      return false;
    }
    const moved = await this.#move(message, async () => {
      await deadLetters.deadLetter(message, error);
      return true;
    });
    if (moved === undefined) return false;
    this.#blocked = "for-all";
    this.#report("dead", message, error);
    return true;
  }

  /** Undefined when the move fails: the dead-letter queue may refuse this message, and only its group waits. */
  async #move<T>(message: QueueMessage, move: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#context.outages.untilAnswered(move);
    } catch (error) {
      this.#report("failed", message, error);
      return undefined;
    }
  }

  #report(kind: "failed" | "dead", { MessageId = "", Attributes }: QueueMessage, error: unknown): void {
    const receiveCount = Number(Attributes?.ApproximateReceiveCount ?? 1);
    this.#context.onTrouble({ kind, error, messageId: MessageId, receiveCount });
  }

  /** Releases the messages behind first: SQS hands out nothing of a group while an earlier message of it is hidden. */
  async #release(): Promise<void> {
    const { visibility, clock, signal } = this.#context;
    const [first, ...behind] = this.#messages.splice(0);
    for (const message of behind.reverse()) await visibility.release(message, 1);
    if (first === undefined) return;
    const attempts = Number(first.Attributes?.ApproximateReceiveCount ?? 1);
    await visibility.release(first, signal.aborted ? 1 : backoff(clock, attempts, failureBackoffSeconds));
  }
}
