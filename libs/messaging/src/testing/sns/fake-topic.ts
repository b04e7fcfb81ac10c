import type { MessageAttributeValue } from "@aws-sdk/client-sns";
import type { Faults } from "../faults.ts";
import type { FakeQueue } from "../sqs/fake-queue.ts";
import type { Time } from "../time/time.ts";

export interface PublishedMessage {
  readonly body: string;
  readonly group: string;
  readonly deduplicationId: string;
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>> | undefined;
}

export interface FakeTopicOptions {
  readonly name: string;
  readonly time: Time;
  readonly faults: Faults;
  /** Queues that are subscribed with raw delivery. */
  readonly queues: readonly FakeQueue[];
}

const deduplicationWindowMs = 5 * 60 * 1000;

/**
 * A FIFO topic. It accepts a message once in five minutes and delivers it to each subscribed queue after a delay, the messages
 * of a group in order.
 */
export class FakeTopic {
  readonly name: string;
  readonly arn: string;
  /** All accepted messages in order, for assertions. */
  readonly taken: PublishedMessage[] = [];
  readonly #options: FakeTopicOptions;
  readonly #seen = new Map<string, number>();
  /** Messages under way, by queue and group, in order. */
  readonly #groups = new Map<string, GroupInFlight>();

  constructor(options: FakeTopicOptions) {
    this.name = options.name;
    this.arn = `arn:aws:sns:us-east-1:000000000000:${options.name}`;
    this.#options = options;
  }

  /** Number of messages that have not arrived at a queue yet. */
  get underway(): number {
    return [...this.#groups.values()].reduce((sum, { messages }) => sum + messages.length, 0);
  }

  publish(message: PublishedMessage): void {
    const { time, faults, queues } = this.#options;
    const dedup = `${message.group}/${message.deduplicationId}`;
    const until = this.#seen.get(dedup);
    if (until !== undefined && until > time.now()) {
      faults.saw("published-again-within-the-window");
      return;
    }
    if (until !== undefined) faults.saw("published-again-after-the-window");
    this.#seen.set(dedup, time.now() + deduplicationWindowMs);
    this.taken.push(message);
    for (const queue of queues) this.#deliver(message, queue);
  }

  #deliver(message: PublishedMessage, queue: FakeQueue): void {
    const { time, faults } = this.#options;
    const group = this.#group(`${queue.name}/${message.group}`);
    const delayMs = faults.strikes("delivery-delayed")
      ? faults.random.integer(100, 10_000)
      : faults.random.integer(1, 15);
    group.arrival = Math.max(time.now() + delayMs, group.arrival);
    group.messages.push(message);
    // The first timer that fires delivers the group's first message, because real timers may fire out of order.
    time.after(group.arrival - time.now(), () => {
      const next = group.messages.shift() ?? message;
      queue.send(next);
      // SNS retries when the queue's answer is lost; the queue drops the repetition by its deduplication id.
      if (faults.strikes("delivered-twice")) queue.send(next);
    });
  }

  #group(name: string): GroupInFlight {
    const group = this.#groups.get(name) ?? { arrival: 0, messages: [] };
    this.#groups.set(name, group);
    return group;
  }
}

interface GroupInFlight {
  /** Arrival of its last message; no later message may arrive before it. */
  arrival: number;
  readonly messages: PublishedMessage[];
}
