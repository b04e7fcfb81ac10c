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
  /** Queues subscribed with raw delivery. */
  readonly queues: readonly FakeQueue[];
}

const deduplicationWindow = 5 * 60 * 1000;

/**
 * A FIFO topic: takes a message once in five minutes, then brings it to each subscribed queue, sooner or later, a
 * group's messages in the order in which it took them.
 */
export class FakeTopic {
  readonly name: string;
  readonly arn: string;
  /** All that it took, in order, for tests to look at. */
  readonly taken: PublishedMessage[] = [];
  readonly #options: FakeTopicOptions;
  readonly #seen = new Map<string, number>();
  /** What is under way to a queue, by queue and group, in order. */
  readonly #lanes = new Map<string, Lane>();

  constructor(options: FakeTopicOptions) {
    this.name = options.name;
    this.arn = `arn:aws:sns:us-east-1:000000000000:${options.name}`;
    this.#options = options;
  }

  /** How many messages have yet to arrive at a queue. */
  get underway(): number {
    return [...this.#lanes.values()].reduce((sum, { messages }) => sum + messages.length, 0);
  }

  publish(message: PublishedMessage): void {
    const { time, faults, queues } = this.#options;
    const dedup = `${message.group}/${message.deduplicationId}`;
    const until = this.#seen.get(dedup);
    if (until !== undefined && until > time.now()) {
      faults.saw("published again within the window");
      return;
    }
    if (until !== undefined) faults.saw("published again after the window");
    this.#seen.set(dedup, time.now() + deduplicationWindow);
    this.taken.push(message);
    for (const queue of queues) this.#deliver(message, queue);
  }

  #deliver(message: PublishedMessage, queue: FakeQueue): void {
    const { time, faults } = this.#options;
    const lane = this.#lane(`${queue.name}/${message.group}`);
    const delay = faults.strikes("delivery delayed")
      ? faults.random.integer(100, 10_000)
      : faults.random.integer(1, 15);
    lane.arrival = Math.max(time.now() + delay, lane.arrival);
    lane.messages.push(message);
    // Whichever of its timers fires first brings the lane's first message: real ones are not that exact.
    time.after(lane.arrival - time.now(), () => {
      const next = lane.messages.shift() ?? message;
      queue.send(next);
      // SNS tries again when it missed the queue's answer; the queue knows the repeat by its deduplication id.
      if (faults.strikes("delivered twice")) queue.send(next);
    });
  }

  #lane(name: string): Lane {
    const lane = this.#lanes.get(name) ?? { arrival: 0, messages: [] };
    this.#lanes.set(name, lane);
    return lane;
  }
}

interface Lane {
  /** When the last of its messages arrives: none after it may arrive before. */
  arrival: number;
  readonly messages: PublishedMessage[];
}
