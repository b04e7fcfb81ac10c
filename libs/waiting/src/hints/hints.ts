import { setTimeout as delay } from "node:timers/promises";
import type { AwsClients } from "@doubleshot/topology";
import type { Log } from "../log.ts";
import type { Hint } from "./hint.ts";
import { HintSender } from "./hint-sender.ts";
import { Instances } from "./instances.ts";
import { HintMailbox, type Rhythm } from "./mailbox.ts";

/** Lets the instances of a service notify each other of changes. */
export abstract class Hints {
  /**
   * The id of this instance. Its callers' rows store it, so that other instances can send hints here. Undefined while
   * the process has no mailbox.
   */
  abstract readonly instanceId: string | undefined;
  /** The ids of the other instances that are known to live. */
  abstract readonly peers: ReadonlySet<string>;
  /**
   * Sends a hint in the background. The change is committed already, so no caller waits for the hint. A hint that cannot
   * be delivered is dropped, because a sweep of the table finds the change.
   */
  abstract send(instanceId: string, hint: Hint): void;
  /** Sends the hint to every other live instance. */
  abstract broadcast(hint: Hint): void;
  /** Resolves with `instanceId` set, or without one while AWS is unavailable. */
  abstract start(): Promise<void>;
  /** Resolves when all hints are sent and the queue and row of this process are removed, or when AWS takes too long. */
  abstract drain(): Promise<void>;
}

export interface QueueHintsOptions {
  readonly clients: Pick<AwsClients, "documents" | "sqs" | "longPolls">;
  /** Physical name of the table with a row for each live instance. */
  readonly table: string;
  /** Prefix of all hint queues' names. The instance's id of 21 characters follows it. */
  readonly queuePrefix: string;
  readonly log: Log;
  /** Called with the hints of one receive. Must not throw. */
  readonly onHints: (hints: readonly Hint[]) => void;
  /** Default: a heartbeat every 10 s. With hundreds of instances, set a slower one: each reads the rows of all. */
  readonly rhythm?: Rhythm;
  /**
   * After this time, a drain leaves the rest to the janitors of other instances. Default 2,000: the process has seconds to
   * stop, and one call to an AWS that does not answer takes longer than that. Set more where the process has a minute.
   */
  readonly drainWithinMs?: number;
}

/** An instance counts as gone after this time without a heartbeat, which is six heartbeats. */
const leaseSeconds = 60;

/**
 * Hints by one short-lived queue for each process.
 *
 * A broadcast goes to the known peers:
 * - the instances in the table when this one opened
 * - the instances that have sent a hello since
 * - the instances in the table at each heartbeat, in case a hello is lost
 *
 * An instance writes its row before it reads the others' rows and sends its hello. So of two instances that open at the
 * same time, at least one knows the other.
 */
export class QueueHints extends Hints {
  readonly #instances: Instances;
  readonly #mailbox: HintMailbox;
  readonly #sender: HintSender;
  readonly #log: Log;
  readonly #drainWithinMs: number;
  #peers = new Set<string>();

  constructor(options: QueueHintsOptions) {
    super();
    const { clients, table, queuePrefix, log, onHints, rhythm, drainWithinMs = 2_000 } = options;
    this.#log = log;
    this.#drainWithinMs = drainWithinMs;
    this.#instances = new Instances({ client: clients.documents, sqs: clients.sqs, table, queuePrefix, leaseSeconds });
    this.#sender = new HintSender({
      sqs: clients.sqs,
      queueName: (instanceId) => this.#instances.queueName(instanceId),
      onGone: (instanceId) => this.#peers.delete(instanceId),
      log,
    });
    this.#mailbox = new HintMailbox({
      clients,
      instances: this.#instances,
      log,
      onMessages: (messages) => {
        for (const { hello } of messages) if (hello !== undefined) this.#peers.add(hello);
        const hints = messages.flatMap((message) => message.hints);
        if (hints.length > 0) onHints(hints);
      },
      onOpened: async (instanceId) => {
        await this.#readPeers();
        for (const peer of this.#peers) this.#sender.send(peer, { hello: instanceId });
      },
      onHeartbeat: () => this.#readPeers(),
      ...(rhythm === undefined ? {} : { rhythm }),
    });
  }

  override get instanceId(): string | undefined {
    return this.#mailbox.instanceId;
  }

  override get peers(): ReadonlySet<string> {
    return this.#peers;
  }

  override start(): Promise<void> {
    return this.#mailbox.open();
  }

  override send(instanceId: string, hint: Hint): void {
    this.#sender.send(instanceId, { hints: [hint] });
  }

  override broadcast(hint: Hint): void {
    for (const peer of this.#peers) this.send(peer, hint);
  }

  override async drain(): Promise<void> {
    const done = Promise.all([this.#sender.sent(), this.#mailbox.close()]).then(() => true);
    if (await Promise.race([done, delay(this.#drainWithinMs, false, { ref: false })])) return;
    this.#log.warn(
      { instanceId: this.instanceId },
      "could not remove the hint queue in time: the janitor of another instance removes it",
    );
  }

  async #readPeers(): Promise<void> {
    const alive = new Set(await this.#instances.alive());
    if (this.instanceId !== undefined) alive.delete(this.instanceId);
    this.#peers = alive;
  }
}

/** Sends no hints; the sweeps find every change. */
export class NoHints extends Hints {
  override readonly instanceId = undefined;
  override readonly peers = new Set<string>();
  override send(): void {}
  override broadcast(): void {}
  override async start(): Promise<void> {}
  override async drain(): Promise<void> {}
}
