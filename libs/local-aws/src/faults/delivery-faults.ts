import { physicalName, type Topology } from "@doubleshot/topology";

/**
 * - `message`  a delivery from a subscriber's queue
 * - `hint`     a delivery from a queue that is in no topology: services make such queues for hints to their other processes
 */
export const deliveries = ["message", "hint"] as const;
export type Delivery = (typeof deliveries)[number];

/**
 * - `duplicate`  the consumer receives it twice
 * - `delay`      the consumer receives it later, with all that was received with it
 * - `drop`       the answer is lost: the queue delivers again when the visibility timeout ends, as SQS does
 */
export const deliveryFaults = ["duplicate", "delay", "drop"] as const;
export type DeliveryFault = (typeof deliveryFaults)[number];

/** A fault that waits for the next delivery. */
export interface ArmedFault {
  readonly on: Delivery;
  readonly fault: DeliveryFault;
  /** Of a delay; other faults do not read it. */
  readonly delayMs: number;
}

/** A fault that a delivery has had. */
export interface InflictedFault extends ArmedFault {
  /** RFC 3339. */
  readonly at: string;
  /** Physical name of the queue. */
  readonly queue: string;
  /** Of a message that is an event. */
  readonly event?: { readonly id: string; readonly type: string; readonly subject: string };
}

/** A message of an answer to ReceiveMessage, as far as faults read it. */
interface Message {
  readonly Body?: string;
}

/** Newest faults that are kept. */
const maxInflicted = 100;
const maxArmed = 100;

/** Inflicts faults on the answers of ReceiveMessage, each on one delivery, in the order in which they were armed. */
export class DeliveryFaults {
  readonly #subscribers: ReadonlySet<string>;
  readonly #queues: ReadonlySet<string>;
  readonly #wait: (ms: number) => Promise<void>;
  #armed: readonly ArmedFault[] = [];
  #inflicted: readonly InflictedFault[] = [];

  constructor({ subscriptions, queues }: Topology, shop: string, wait: (ms: number) => Promise<void>) {
    this.#subscribers = new Set(subscriptions.map(({ queue }) => physicalName(shop, queue)));
    this.#queues = new Set(Object.keys(queues).map((queue) => physicalName(shop, queue)));
    this.#wait = wait;
  }

  get armed(): readonly ArmedFault[] {
    return this.#armed;
  }

  /** The newest first. */
  get inflicted(): readonly InflictedFault[] {
    return this.#inflicted;
  }

  arm(fault: ArmedFault): void {
    this.#armed = [...this.#armed, fault].slice(-maxArmed);
  }

  /** Returns the answer that the consumer gets in place of this one. Both are JSON. */
  async inflict(queueUrl: string, answer: string): Promise<string> {
    const queue = queueUrl.slice(queueUrl.lastIndexOf("/") + 1);
    const armed = this.#armed.find(({ on }) => on === this.#deliveryOf(queue));
    if (armed === undefined) return answer;
    const { Messages: [first, ...others] = [] }: { Messages?: Message[] } = JSON.parse(answer);
    if (first === undefined) return answer;
    this.#armed = this.#armed.filter((each) => each !== armed);
    const event = eventOf(first);
    const inflicted = { ...armed, at: new Date().toISOString(), queue, ...(event && { event }) };
    this.#inflicted = [inflicted, ...this.#inflicted].slice(0, maxInflicted);
    if (armed.fault === "delay") {
      await this.#wait(armed.delayMs);
      return answer;
    }
    return JSON.stringify({ Messages: armed.fault === "duplicate" ? [first, first, ...others] : others });
  }

  #deliveryOf(queue: string): Delivery | undefined {
    if (this.#subscribers.has(queue)) return "message";
    return this.#queues.has(queue) ? undefined : "hint";
  }
}

/** The body of a message is an event's envelope, and that of a hint is not. */
function eventOf({ Body = "" }: Message): InflictedFault["event"] {
  try {
    const { id, type, subject } = JSON.parse(Body);
    return [id, type, subject].every((value) => typeof value === "string") ? { id, type, subject } : undefined;
  } catch {
    return undefined;
  }
}
