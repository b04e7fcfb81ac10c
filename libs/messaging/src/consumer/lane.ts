import type { Message as QueueMessage } from "@aws-sdk/client-sqs";
import { backoff, type Clock, CommitOutcomeUnknown, isOutage } from "../runtime/index.ts";
import type { Settlement, Subscriber } from "../subscriber/index.ts";
import type { BlockedMarker } from "./blocked-groups.ts";
import { type DeadLetters, isRedriven, mayPass } from "./dead-letters.ts";
import type { Outages } from "./outages.ts";
import type { PollTrouble } from "./poll-trouble.ts";
import type { Visibility } from "./visibility.ts";

/** What all lanes of a poll share. */
export interface LaneTools {
  readonly subscriber: Subscriber;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly visibility: Visibility;
  readonly outages: Outages;
  readonly deadLetters: DeadLetters | undefined;
  /** Deletes a message that has been dealt with. Never rejects. */
  readonly remove: (message: QueueMessage) => Promise<void>;
  readonly onSettled: (settlement: Settlement) => void;
  readonly onTrouble: (trouble: PollTrouble) => void;
}

/** Milliseconds between the tries of one message. */
const ownOutage = { base: 50, cap: 10_000 };

/**
 * The messages in hand of one message group, dealt with one after the other. Each is *handled*, or *moved* because its
 * group is blocked, or *given up* after its last attempt, which blocks the group; in these three cases it is gone.
 * Otherwise it has failed, or the poll is stopping: then the whole lane is *given back*, and ends.
 */
export class Lane {
  readonly #tools: LaneTools;
  readonly #messages: QueueMessage[];
  /** `for all`: blocked by this lane itself, or a run that it has ended itself; it may pass nothing, whatever the marker said. */
  #blocked: BlockedMarker | "for all" | undefined;

  constructor(tools: LaneTools, first: QueueMessage, blocked: BlockedMarker | undefined) {
    this.#tools = tools;
    this.#messages = [first];
    this.#blocked = blocked;
  }

  add(message: QueueMessage): void {
    this.#messages.push(message);
  }

  /** `onEnd` is called at the very moment at which the lane takes no more messages. */
  async run({ afterEach, onEnd }: { afterEach: () => void; onEnd: () => void }): Promise<void> {
    for (let [first] = this.#messages; first !== undefined; [first] = this.#messages) {
      if (!this.#tools.signal.aborted && (await this.#dealWith(first))) {
        await this.#tools.remove(first);
        this.#messages.shift();
      } else {
        await this.#giveBack();
      }
      afterEach();
    }
    onEnd();
  }

  /** True when the message can be deleted. */
  async #dealWith(message: QueueMessage): Promise<boolean> {
    if (this.#isBlocked(message)) {
      const marker = this.#blocked === "for all" ? undefined : this.#blocked;
      const outcome = await this.#move(message, async () => this.#tools.deadLetters?.follow(message, marker));
      if (outcome === "moved" && isRedriven(message)) this.#blocked = "for all";
      if (outcome !== "released") return outcome === "moved";
      this.#blocked = undefined;
    }
    const failure = await this.#handle(message);
    return failure === undefined || this.#giveUp(message, failure.error);
  }

  #isBlocked(message: QueueMessage): boolean {
    return this.#blocked === "for all" || (this.#blocked !== undefined && !mayPass(message, this.#blocked));
  }

  /** Undefined when the message has been handled. While AWS is out, tries again with the message in hand. */
  async #handle(message: QueueMessage): Promise<{ error: unknown } | undefined> {
    const { subscriber, signal, clock, outages, deadLetters, onSettled } = this.#tools;
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
        const out = isOutage(error) || error instanceof CommitOutcomeUnknown;
        if (!out || signal.aborted) return { error };
        outages.met(error);
        // What is out for this message's handler may be well for all others, whose calls end the common pause.
        await Promise.all([outages.pause(), clock.sleep(backoff(clock, attempts, ownOutage), signal)]);
        continue;
      }
      onSettled(settlement);
      return undefined;
    }
  }

  /** True when this was its last attempt, and the message has been moved to the dead-letter queue. */
  async #giveUp(message: QueueMessage, error: unknown): Promise<boolean> {
    const { deadLetters, signal } = this.#tools;
    if (signal.aborted && isOutage(error)) return false;
    if (deadLetters === undefined || !deadLetters.isFinal(message, error)) {
      this.#tell("failed", message, error);
      return false;
    }
    const moved = await this.#move(message, async () => {
      await deadLetters.giveUp(message, error);
      return true;
    });
    if (moved === undefined) return false;
    this.#blocked = "for all";
    this.#tell("dead", message, error);
    return true;
  }

  /** Undefined when it cannot be moved: the dead-letter queue may refuse this one, and its group alone waits. */
  async #move<T>(message: QueueMessage, move: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#tools.outages.untilAnswered(move);
    } catch (error) {
      this.#tell("failed", message, error);
      return undefined;
    }
  }

  #tell(kind: "failed" | "dead", { MessageId = "", Attributes }: QueueMessage, error: unknown): void {
    const receiveCount = Number(Attributes?.ApproximateReceiveCount ?? 1);
    this.#tools.onTrouble({ kind, error, messageId: MessageId, receiveCount });
  }

  /** Those behind go first: a group hands out nothing while an earlier message of it is hidden. */
  async #giveBack(): Promise<void> {
    const { visibility, clock, signal } = this.#tools;
    const [first, ...behind] = this.#messages.splice(0);
    for (const message of behind.reverse()) await visibility.giveBack(message, 1);
    if (first === undefined) return;
    const attempts = Number(first.Attributes?.ApproximateReceiveCount ?? 1);
    await visibility.giveBack(first, signal.aborted ? 1 : backoff(clock, attempts, { base: 2, cap: 300 }));
  }
}
